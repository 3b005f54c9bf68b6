import ForwardProtocol
import Records
import Testing

@Suite("Decoding of frames")
struct FrameDecodingTests {
    @Test("every frame of a responder is decoded to what was encoded", arguments: Sample.responderFrames)
    func responderRoundTrip(frame: [UInt8]) throws {
        #expect(try decodeResponderFrame(content(of: frame)).encoded == frame)
    }

    @Test("every frame of an aggregator is decoded to what was encoded", arguments: Sample.aggregatorFrames)
    func aggregatorRoundTrip(frame: AggregatorFrame) throws {
        #expect(try decodeAggregatorFrame(content(of: frame.encoded())) == frame)
    }

    @Test("records are given back one by one, as they arrived, with their ids")
    func records() throws {
        guard case .records(let records) = try decodeResponderFrame(content(of: Sample.records(1...3))) else {
            Issue.record("records were decoded as another frame")
            return
        }
        #expect(records.count == 3)
        #expect(records.ids == [1, 2, 3].map(RecordID.init))
        #expect((0..<3).map { Array(records.record(at: $0)) } == [1, 2, 3].map(Sample.record))
    }

    @Test("a tally is given back entry by entry")
    func tally() throws {
        guard case .tally(let entries) = try decodeResponderFrame(content(of: ResponderFrame.encodeTally(Sample.tally)))
        else {
            Issue.record("a tally was decoded as another frame")
            return
        }
        #expect(entries == Sample.tally)
    }

    @Test("a hello of another version is decoded, so that its end can be told", arguments: [0, 2, .max] as [UInt16])
    func otherVersion(version: UInt16) throws {
        let content = joined([1], text("ROFP"), [UInt8(version & 0xFF), UInt8(version >> 8)])
        guard case .hello(version) = try decodeResponderFrame(content) else {
            Issue.record("the version was read as another one")
            return
        }
    }

    @Test("no records and no tally entries are frames, too")
    func none() throws {
        #expect(try decodeResponderFrame([2, 0, 0, 0, 0]).encoded == [5, 0, 0, 0, 2, 0, 0, 0, 0])
        #expect(try decodeResponderFrame([3, 0, 0, 0, 0]).encoded == [5, 0, 0, 0, 3, 0, 0, 0, 0])
    }

    @Test("a run of records as long as a frame may hold fits a frame")
    func longest() throws {
        let record = Sample.record(1)
        let count = ForwardProtocol.recordBytesPerFrameMax / record.count
        let encoded = ResponderFrame.encodeRecords(
            Array(repeating: record, count: count), count: count, byteCount: count * record.count)
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
