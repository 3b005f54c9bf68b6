import Records
import Testing

@Suite("Decoding of frames")
struct FrameDecodingTests {
    @Test("every frame of a responder is decoded to what was encoded", arguments: SampleFrames.responderFrames)
    func responderRoundTrip(frame: [UInt8]) throws {
        #expect(try decodeResponderFrame(content(of: frame)).encoded == frame)
    }

    @Test("every frame of an aggregator is decoded to what was encoded", arguments: SampleFrames.aggregatorFrames)
    func aggregatorRoundTrip(frame: AggregatorFrame) throws {
        #expect(try decodeAggregatorFrame(content(of: frame.encoded())) == frame)
    }

    @Test("records are given back one by one, as they arrived, with their ids")
    func records() throws {
        guard case .records(let records) = try decodeResponderFrame(content(of: SampleFrames.records(1...3))) else {
            Issue.record("records were decoded as another frame")
            return
        }
        #expect(records.count == 3)
        #expect(records.ids == [1, 2, 3].map(RecordID.init))
        #expect((0..<3).map { Array(records.record(at: $0)) } == [1, 2, 3].map(SampleFrames.record))
    }

    @Test("answers are given back entry by entry")
    func answers() throws {
        let frame = content(of: ResponderFrame.encodeAnswers(SampleFrames.answers))
        guard case .answers(let entries) = try decodeResponderFrame(frame) else {
            Issue.record("answers were decoded as another frame")
            return
        }
        #expect(entries == SampleFrames.answers)
    }

    @Test(
        "a hello of an earlier version is decoded whatever follows, so that its end can be told",
        arguments: [0, 1, 2] as [UInt16], [0, 16])
    func earlierVersion(version: UInt16, extra: Int) throws {
        let content = joined([1], text("ROFP"), [UInt8(version), 0], Array(repeating: 2, count: extra))
        guard case .hello(version, nil) = try decodeResponderFrame(content) else {
            Issue.record("the version was read as another one")
            return
        }
    }

    @Test("a hello of a later version is decoded whatever follows, so that its end can be told", arguments: [0, 5])
    func laterVersion(extra: Int) throws {
        let content = joined(
            [1], text("ROFP"), [5, 0], Array(repeating: 2, count: extra))
        guard case .hello(5, nil) = try decodeResponderFrame(content) else {
            Issue.record("the version was read as another one")
            return
        }
    }

    @Test("no records and no answers are frames, too")
    func none() throws {
        #expect(try decodeResponderFrame([2, 0, 0, 0, 0]).encoded == [5, 0, 0, 0, 2, 0, 0, 0, 0])
        let zeros = [UInt8](repeating: 0, count: 12)
        #expect(try decodeResponderFrame([7] + zeros).encoded == [13, 0, 0, 0, 7] + zeros)
        #expect(try decodeResponderFrame([5, 0, 0, 0, 0]).encoded == [5, 0, 0, 0, 5, 0, 0, 0, 0])
    }

    @Test("a run of records as long as a frame may hold fits a frame")
    func longest() throws {
        let record = SampleFrames.record(1)
        let count = ForwardProtocol.recordBytesPerFrameMax / record.count
        let encoded = ResponderFrame.encodeRecords(
            Array(repeatElement(record, count: count).joined())[...], count: count, sentMilliseconds: 0)
        var buffer = FrameBuffer()
        encoded.withUnsafeBytes { buffer.append($0) }
        let frame = try buffer.next { bytes throws(FrameFault) in try ResponderFrame(decoding: bytes) }
        guard case .records(let records) = frame else {
            Issue.record("records were decoded as another frame")
            return
        }
        #expect(records.count == count)
    }
}
