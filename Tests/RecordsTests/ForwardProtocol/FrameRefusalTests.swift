import Records
import TestSupport
import Testing

@Suite("Refusal of bytes that are no frame")
struct FrameRefusalTests {
    @Test("a responder's frame that is cut at any byte is refused", arguments: SampleFrames.responderFrames)
    func truncatedResponderFrame(frame: [UInt8]) {
        let content = content(of: frame)
        for count in 0..<content.count {
            #expect(throws: FrameFault.self) { try decodeResponderFrame(Array(content.prefix(count))) }
        }
    }

    @Test("an aggregator's frame that is cut at any byte is refused", arguments: SampleFrames.aggregatorFrames)
    func truncatedAggregatorFrame(frame: AggregatorFrame) {
        let content = content(of: frame.encoded())
        for count in 0..<content.count {
            #expect(throws: FrameFault.malformed(.truncated)) {
                try decodeAggregatorFrame(Array(content.prefix(count)))
            }
        }
    }

    @Test("bytes that are left over at a frame's end are refused")
    func trailing() {
        for frame in SampleFrames.aggregatorFrames {
            #expect(throws: FrameFault.malformed(.trailing)) {
                try decodeAggregatorFrame(content(of: frame.encoded()) + [0])
            }
        }
        for frame in SampleFrames.responderFrames {
            #expect(throws: FrameFault.self) { try decodeResponderFrame(content(of: frame) + [0]) }
        }
    }

    @Test("a type that the other end does not speak is refused by its number", arguments: UInt8.min ... .max)
    func unknownType(type: UInt8) {
        if !(1...8).contains(type) {
            #expect(throws: FrameFault.unknownType(type)) { try decodeResponderFrame([type, 0, 0, 0, 0]) }
        }
        if !(129...136).contains(type) {
            #expect(throws: FrameFault.unknownType(type)) { try decodeAggregatorFrame([type, 0, 0, 0, 0]) }
        }
    }

    @Test("a hello without its magic word is a stranger's", arguments: 0..<4)
    func stranger(index: Int) {
        var content = content(of: ResponderFrame.encodeHello(epoch: SampleFrames.epoch))
        content[1 + index] ^= 0x20
        #expect(throws: FrameFault.notForwardProtocol) { try decodeResponderFrame(content) }
    }

    @Test("records that are not as many as the frame says are refused", arguments: [0, 2, 4, .max] as [UInt32])
    func otherCount(count: UInt32) {
        var bytes: [UInt8] = [2]
        bytes.append(littleEndian: count)
        for number in UInt128(1)...3 { bytes += SampleFrames.record(number) }
        #expect(throws: FrameFault.otherCount) { try decodeResponderFrame(bytes) }
    }

    @Test("a tally that announces more entries than it holds is refused", arguments: [3, 1_000, .max] as [UInt32])
    func longTally(count: UInt32) {
        var content = content(of: ResponderFrame.encodeAnswers(SampleFrames.answers))
        content.replaceSubrange(1..<5, with: (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * UInt32($0))) })
        #expect(throws: FrameFault.malformed(.truncated)) { try decodeResponderFrame(content) }
    }

    @Test(
        "a tally whose text is empty or over its limit is refused",
        arguments: [
            ("", "reason"), ("site", ""), (String(repeating: "s", count: 65), "reason"),
            ("site", String(repeating: "r", count: 65)),
        ])
    func tallyText(site: String, reason: String) {
        let kind = TallyEntry.Kind(site: site, status: 200, reason: reason)
        let frame = ResponderFrame.encodeAnswers([TallyEntry(kind: kind, count: 1)])
        #expect(throws: FrameFault.malformed(.textLength)) { try decodeResponderFrame(content(of: frame)) }
    }

    @Test(
        "a status whose figures repeat or fall is refused", arguments: [(1, 1), (2, 1), (255, 0)] as [(UInt8, UInt8)])
    func statusOrder(first: UInt8, second: UInt8) {
        let value: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        let content = [4] + value + [2, first] + value + [second] + value
        #expect(throws: FrameFault.figureOrder) { try decodeResponderFrame(content) }
    }

    @Test("figures that are not known here are passed over")
    func laterFigures() throws {
        let value: [UInt8] = [9, 0, 0, 0, 0, 0, 0, 0]
        guard case .status(let status) = try decodeResponderFrame([4] + value + [2, 1] + value + [200] + value) else {
            Issue.record("a status was decoded as another frame")
            return
        }
        #expect(status.timeMilliseconds == 9)
        #expect(status[.recordsInFlight] == 9)
    }

    @Test("a record within a frame is held against its limits")
    func recordLimits() {
        var bytes = content(of: SampleFrames.records(1...1))
        bytes[13 + 44] = 0x0A
        #expect(throws: FrameFault.malformed(.notText)) { try decodeResponderFrame(bytes) }
    }

    @Test("a refusal for an unknown reason is refused by its number", arguments: [0, 3, 255] as [UInt8])
    func unknownRefusal(code: UInt8) {
        #expect(throws: FrameFault.unknownRefusal(code)) { try decodeAggregatorFrame([131, 1, 0, 0, 0, code]) }
    }

    @Test("a door, or a sign that an outcome follows, that is none of those known is refused by its number")
    func unknownCodes() {
        var content = content(of: ResponderFrame.encodeAnswers(SampleFrames.answers))
        content[5 + 8] = 4
        #expect(throws: FrameFault.unknownCode(4)) { try decodeResponderFrame(content) }
        content[5 + 8] = 1
        content[5 + 8 + 1 + 2 + 8] = 2
        #expect(throws: FrameFault.unknownCode(2)) { try decodeResponderFrame(content) }
    }

    @Test("a closing must say why, in text")
    func closing() {
        #expect(throws: FrameFault.malformed(.textLength)) { try decodeAggregatorFrame([132, 0]) }
        #expect(throws: FrameFault.malformed(.notText)) { try decodeAggregatorFrame([132, 1, 0xFF]) }
        #expect(throws: FrameFault.malformed(.notText)) { try decodeAggregatorFrame([132, 1, 0x0A]) }
    }

    @Test("whatever is decoded encodes to the same bytes again", arguments: [1, 2, 3] as [UInt64])
    func mutated(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let frames = SampleFrames.responderFrames + SampleFrames.aggregatorFrames.map { $0.encoded() }
        for round in 0..<6_000 {
            var bytes = content(of: frames[round % frames.count])
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            // A hello of another version is read as far as it is known.
            if let decoded = try? decodeResponderFrame(bytes), !decoded.isOfAnotherVersion {
                #expect(decoded.encoded == frame(holding: bytes), "seed \(seed)")
            }
            if let decoded = try? decodeAggregatorFrame(bytes) {
                #expect(decoded.encoded() == frame(holding: bytes), "seed \(seed)")
            }
        }
    }
}

extension ResponderFrame {
    fileprivate var isOfAnotherVersion: Bool {
        guard case .hello(let version, _) = self else { return false }
        return !ForwardProtocol.versionsSpoken.contains(version)
    }
}
