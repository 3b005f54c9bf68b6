import Testing

@testable import FastCGI

@Suite("The guard and whole requests")
struct RequestGuardTests {
    @Test("a whole request is complete", arguments: GuardedRequests.whole)
    func whole(sample: GuardedRequests.Sample) {
        #expect(RequestGuard.finding(in: sample.bytes) == .complete(isFollowed: false))
    }

    @Test(
        "a request that is cut at any byte is incomplete, and more bytes are asked for, but none too many",
        arguments: GuardedRequests.whole)
    func cut(sample: GuardedRequests.Sample) {
        for count in sample.bytes.indices {
            guard case .incomplete(let bytesNeeded) = RequestGuard.finding(in: Array(sample.bytes.prefix(count))) else {
                Issue.record("\(count) of \(sample.bytes.count) bytes were not found incomplete")
                return
            }
            #expect(bytesNeeded > count)
            #expect(bytesNeeded <= sample.bytes.count)
        }
    }

    @Test("the same guard goes on where it was, whatever it was shown before", arguments: GuardedRequests.whole)
    func resumed(sample: GuardedRequests.Sample) {
        for count in sample.bytes.indices {
            var guardian = RequestGuard(limits: GuardedRequests.limits)
            _ = guardian.examine(Array(sample.bytes.prefix(count)))
            #expect(guardian.examine(sample.bytes) == .complete(isFollowed: false))
        }
    }

    @Test(
        "a guard that is shown one byte more each time finds the request whole at its last",
        arguments: GuardedRequests.whole)
    func byteByByte(sample: GuardedRequests.Sample) {
        #expect(bytesUntilDecided(sample.bytes) == sample.bytes.count)
    }

    @Test(
        "a guard that is asked again only with the bytes it needs finds the request whole, too",
        arguments: GuardedRequests.whole)
    func onDemand(sample: GuardedRequests.Sample) {
        var guardian = RequestGuard(limits: GuardedRequests.limits)
        var count = 0
        var finding = guardian.examine([])
        while case .incomplete(let bytesNeeded) = finding {
            #expect(bytesNeeded > count)
            count = bytesNeeded
            guard count <= sample.bytes.count else { break }
            finding = guardian.examine(Array(sample.bytes.prefix(count)))
        }
        #expect(finding == .complete(isFollowed: false))
        #expect(count == sample.bytes.count)
    }

    @Test("a request nearly as large as it may be is complete at its last byte")
    func large() {
        #expect(GuardedRequests.large.count > 76_000)
        #expect(RequestGuard.finding(in: GuardedRequests.large) == .complete(isFollowed: false))
        #expect(bytesUntilDecided(GuardedRequests.large) == GuardedRequests.large.count)
    }

    @Test("a request of exactly requestBytesMax bytes is complete, one of a byte more is not")
    func largest() {
        let request = Wire.request(body: [1, 2, 3])
        for (bytesMax, expected) in [
            (request.count, RequestGuard.Finding.complete(isFollowed: false)),
            (request.count - 1, .refused(.tooLong)),
        ] {
            let limits = ServerLimits(connectionsMax: 1, requestBytesMax: bytesMax, bodyBytesMax: 100)
            #expect(RequestGuard.finding(in: request, limits: limits) == expected)
        }
    }

    @Test(
        "what comes behind a whole request is flagged",
        arguments: [[0], Wire.header(1, contentBytes: 8), Wire.request(), [UInt8](repeating: 1, count: 100_000)])
    func followed(rest: [UInt8]) {
        for sample in GuardedRequests.whole {
            #expect(RequestGuard.finding(in: sample.bytes + rest) == .complete(isFollowed: true))
        }
    }

    @Test("a body over its limit is told as soon as a record's header says so")
    func bodyTooLarge() {
        let limit = GuardedRequests.limits.bodyBytesMax
        let head = Wire.begin() + Wire.parameters([("A", "b")])
        let oneRecord = head + Wire.header(5, contentBytes: limit + 1)
        #expect(RequestGuard.finding(in: oneRecord) == .bodyTooLarge)
        #expect(RequestGuard.finding(in: oneRecord.dropLast()) == .incomplete(bytesNeeded: oneRecord.count))
        let filled = head + Wire.record(5, [UInt8](repeating: 1, count: limit))
        #expect(RequestGuard.finding(in: filled + Wire.header(5, contentBytes: 1)) == .bodyTooLarge)
        #expect(RequestGuard.finding(in: filled + Wire.record(5)) == .complete(isFollowed: false))
    }

    @Test("a body that is too large is told even where the request would be too long")
    func bodyTooLargeForRequest() {
        let head = Wire.begin() + Wire.parameters([("A", String(repeating: "v", count: 60_000))])
        #expect(RequestGuard.finding(in: head + Wire.header(5, contentBytes: 65_535)) == .bodyTooLarge)
    }

    /// How many bytes a guard that is shown one more each time needs to find anything but that more are needed.
    private func bytesUntilDecided(_ bytes: [UInt8]) -> Int? {
        var guardian = RequestGuard(limits: GuardedRequests.limits)
        return bytes.withUnsafeBytes { bytes in
            (0...bytes.count).first { count in
                if case .incomplete = guardian.examine(UnsafeRawBufferPointer(rebasing: bytes[..<count])) {
                    return false
                }
                return true
            }
        }
    }
}
