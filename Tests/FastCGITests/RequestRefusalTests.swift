import Testing

@testable import FastCGI

@Suite("The guard and what is no request")
struct RequestRefusalTests {
    private static let begin = Wire.begin()
    private static let inParameters = begin + Wire.record(4, Wire.pair("A", "b"))
    private static let inBody = begin + Wire.parameters([("A", "b")]) + Wire.record(5, [1])
    /// A request's beginnings: before anything, among its parameters, in its body.
    static let places = [[], inParameters, inBody]

    @Test("a record of another version is refused wherever it stands", arguments: places, [0, 2, 255] as [UInt8])
    func version(place: [UInt8], version: UInt8) {
        for type in [1, 4, 5] as [UInt8] {
            let record = Wire.header(type, contentBytes: 8, version: version)
            #expect(RequestGuard.finding(in: place + record) == .refused(.notFastCGI))
        }
    }

    @Test(
        "what is no FastCGI at all is refused",
        arguments: ["GET / HTTP/1.1\r\n\r\n", "0:,0:,", "\u{16}\u{3}\u{1}aaaaaaaa"])
    func otherProtocol(text: String) {
        #expect(RequestGuard.finding(in: Array(text.utf8) + [0, 0]) == .refused(.notFastCGI))
    }

    @Test(
        "management records are refused wherever they stand, by their header alone",
        arguments: places, [Wire.RecordType.getValues, 10, Wire.RecordType.unknown])
    func management(place: [UInt8], type: UInt8) {
        #expect(
            RequestGuard.finding(in: place + Wire.header(type, id: 0, contentBytes: 8)) == .refused(.unexpectedRecord))
    }

    @Test(
        "records that no web server sends in a request are refused",
        arguments: places,
        [
            Wire.RecordType.abort, Wire.RecordType.end, Wire.RecordType.output, Wire.RecordType.errors,
            Wire.RecordType.data, Wire.RecordType.getValues, 0, 12, 255,
        ])
    func unexpectedType(place: [UInt8], type: UInt8) {
        #expect(RequestGuard.finding(in: place + Wire.header(type, contentBytes: 0)) == .refused(.unexpectedRecord))
    }

    @Test(
        "records out of order are refused",
        arguments: [
            // Before the begin record.
            Wire.record(4), Wire.record(5),
            // A second begin record, of the same request and of another.
            begin + begin, begin + Wire.begin(id: 2), inParameters + begin, inBody + begin,
            // The body before the parameters have ended.
            begin + Wire.record(5), inParameters + Wire.record(5, [1]),
            // Parameters after they have ended.
            begin + Wire.record(4) + Wire.record(4), inBody + Wire.record(4, Wire.pair("A", "b")),
        ])
    func order(bytes: [UInt8]) {
        #expect(RequestGuard.finding(in: bytes) == .refused(.unexpectedRecord))
    }

    @Test("records of another request are refused, id 0 included", arguments: [0, 2, 256, 257, 65_535])
    func foreignID(id: Int) {
        for (place, type) in [(Self.begin, 4), (Self.inParameters, 4), (Self.inBody, 5)] as [([UInt8], UInt8)] {
            #expect(
                RequestGuard.finding(in: place + Wire.header(type, id: id, contentBytes: 0))
                    == .refused(.foreignRequestID))
        }
    }

    @Test("a begin record of request 0 is refused")
    func nullID() {
        #expect(RequestGuard.finding(in: Wire.begin(id: 0)) == .refused(.malformedBegin))
    }

    @Test("a begin record of another length is refused by its header", arguments: [0, 1, 7, 9, 16, 65_535])
    func beginLength(contentBytes: Int) {
        #expect(RequestGuard.finding(in: Wire.header(1, contentBytes: contentBytes)) == .refused(.malformedBegin))
    }

    @Test("padding that libfcgi does not skip is refused, by its header alone", arguments: [1, 8, 255])
    func padding(padding: Int) {
        let inBody = Self.begin + Wire.parameters([("A", "b")])
        for bytes in [
            Wire.header(1, contentBytes: 8, padding: padding),
            Self.begin + Wire.header(4, contentBytes: 0, padding: padding),
            Self.inParameters + Wire.header(4, contentBytes: 0, padding: padding),
            inBody + Wire.header(5, contentBytes: 0, padding: padding),
            Self.inBody + Wire.header(5, contentBytes: 0, padding: padding),
        ] {
            #expect(RequestGuard.finding(in: bytes) == .refused(.unskippedPadding))
        }
    }

    @Test("roles other than responder are refused", arguments: [0, 2, 3, 256, 257, 65_535])
    func role(role: Int) {
        #expect(RequestGuard.finding(in: Wire.begin(role: role)) == .refused(.notForResponder))
    }

    @Test(
        "a length that no request can hold is refused without waiting for what it announces",
        arguments: [
            81_920, 1 << 20, (1 << 30) - 1, 1 << 30, (1 << 30) + 1, (1 << 31) - 2, (1 << 31) - 1,
        ])
    func hugeLength(length: Int) {
        let huge = Wire.length(length)
        for lengths in [huge + [1], [1] + huge, huge + huge, huge + Wire.length(0x7FFF_FFFF)] {
            let bytes = Self.begin + Wire.record(4, lengths)
            #expect(RequestGuard.finding(in: bytes) == .refused(.malformedParameters))
            // The same with the lengths spread over a record for every byte.
            let spread = Self.begin + lengths.flatMap { Wire.record(4, [$0]) }
            #expect(RequestGuard.finding(in: spread) == .refused(.malformedParameters))
        }
    }

    @Test("pairs that are cut at their stream's end are refused", arguments: [1, 3, 1_000])
    func cutPair(recordBytes: Int) {
        let pair = Wire.pair("NAME", String(repeating: "v", count: 130))
        let before = Wire.pair("A", "b")
        for count in 1..<pair.count {
            let content = before + pair.prefix(count)
            let bytes = Self.begin + Wire.stream(4, content, recordBytes: recordBytes) + Wire.record(5)
            #expect(RequestGuard.finding(in: bytes) == .refused(.malformedParameters))
        }
    }

    @Test("parameters that announce one byte more than their stream holds are refused")
    func oneByteMore() {
        for content in [[2, 1, 0x41, 0x42], [1, 2, 0x41, 0x42], [0, 1], [1, 0], [0x80, 0, 0, 1, 0]] as [[UInt8]] {
            let bytes = Self.begin + Wire.stream(4, content) + Wire.record(5)
            #expect(RequestGuard.finding(in: bytes) == .refused(.malformedParameters))
        }
    }

    @Test(
        "a parameter with a zero byte is refused, wherever it stands and however it is cut: libfcgi would end it there",
        arguments: [1, 3, 1_000])
    func zeroByte(recordBytes: Int) {
        for text in ["\0", "default\0x", "\0default", "default\0", String(repeating: "v", count: 200) + "\0"] {
            for pair in [Wire.pair("SITE", text), Wire.pair(text, "default")] {
                let content = Wire.pair("A", "b") + pair + Wire.pair("C", "d")
                let bytes = Self.begin + Wire.stream(4, content, recordBytes: recordBytes) + Wire.record(5)
                #expect(RequestGuard.finding(in: bytes) == .refused(.zeroByte))
            }
        }
    }

    @Test("parameters that never end are refused once they are too long")
    func endlessParameters() {
        let limit = GuardedRequests.limits.requestBytesMax
        var bytes = Self.begin
        while bytes.count <= limit { bytes += Wire.record(4, Wire.pair("A", String(repeating: "v", count: 1_000))) }
        #expect(RequestGuard.finding(in: Array(bytes.prefix(limit + 1))) == .refused(.tooLong))
    }

    @Test("a record whose end is over the limit is refused by its header, padding counted")
    func longRecord() {
        let limits = ServerLimits(connectionsMax: 1, requestBytesMax: 1_000, bodyBytesMax: 100)
        for (contentBytes, padding) in [(65_535, 0), (977, 0), (722, 255)] {
            let bytes = Self.begin + Wire.header(4, contentBytes: contentBytes, padding: padding)
            #expect(RequestGuard.finding(in: bytes, limits: limits) == .refused(.tooLong))
        }
        let bytes = Self.begin + Wire.header(4, contentBytes: 721, padding: 255)
        #expect(RequestGuard.finding(in: bytes, limits: limits) == .incomplete(bytesNeeded: 1_000))
    }

    @Test("a request that has no room left for its next header is refused, not waited for", arguments: 0..<8)
    func noRoomForHeader(room: Int) {
        let bytes = Self.begin + Wire.record(4, Wire.pair("A", "b"))
        let limits = ServerLimits(connectionsMax: 1, requestBytesMax: bytes.count + room, bodyBytesMax: 100)
        #expect(RequestGuard.finding(in: bytes, limits: limits) == .refused(.tooLong))
    }

    @Test("an endless run of body records, each of one byte, ends in a refusal")
    func endlessBody() {
        var bytes = Self.begin + Wire.record(4)
        while bytes.count <= GuardedRequests.limits.requestBytesMax { bytes += Wire.record(5, [1]) }
        #expect(RequestGuard.finding(in: bytes) == .refused(.tooLong))
    }
}
