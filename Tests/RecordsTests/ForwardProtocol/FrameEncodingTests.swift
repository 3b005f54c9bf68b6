import Foundation
import Records
import Testing

@Suite("Frames, byte by byte")
struct FrameEncodingTests {
    @Test("hello is a magic word, the version, and the epoch of the subjects")
    func hello() {
        let epoch: [UInt8] = [
            0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
        ]
        let expected = joined([23, 0, 0, 0, 1], text("ROFP"), [4, 0], epoch)
        #expect(ResponderFrame.encodeHello(epoch: SampleFrames.epoch) == expected)
    }

    @Test("records are a count, the sender's time, and the records as they are")
    func records() {
        let record = SampleFrames.record(0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF)
        let expected = joined(
            [99, 0, 0, 0, 7, 1, 0, 0, 0], [2, 1, 0, 0, 0, 0, 0, 0],
            [84, 0, 1],
            [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF],
            [0x00, 0x68, 0xE5, 0xCF, 0x8B, 0x01, 0x00, 0x00],
            [0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
            [7], text("default"),
            [10, 0], text("article-22"),
            [9, 0], text("graph/1#1"),
            [10, 0], text("REGISTERED"))
        #expect(
            ResponderFrame.encodeRecords(record[...], count: 1, sentMilliseconds: 258) == expected
        )
    }

    @Test("several records stand one after the other")
    func severalRecords() {
        let records = [SampleFrames.record(1), SampleFrames.record(2)]
        let encoded = ResponderFrame.encodeRecords(Array(records.joined())[...], count: 2, sentMilliseconds: -1)
        #expect(
            encoded == joined([185, 0, 0, 0, 7, 2, 0, 0, 0], Array(repeating: 255, count: 8), records[0], records[1]))
    }

    @Test("answers are a count and their entries")
    func answers() {
        let expected = joined(
            [58, 0, 0, 0, 5, 2, 0, 0, 0],
            [7], text("default"), [1], [0xC9, 0x00], [7], text("durable"),
            [1, 1, 0], text("a"), [1, 0], text("g"), [0xE8, 0x03, 0, 0, 0, 0, 0, 0],
            [1], text("-"), [0], [0xF4, 0x01], [4], text("site"), [0],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(ResponderFrame.encodeAnswers(SampleFrames.answers) == expected)
    }

    @Test("what is to be forgotten is a count and the subjects")
    func forget() {
        let zeros = [UInt8](repeating: 0, count: 15)
        let expected = joined([37, 0, 0, 0, 6, 2, 0, 0, 0], zeros, [1], zeros, [2])
        #expect(ResponderFrame.encodeForget([Subject(1), Subject(2)]) == expected)
    }

    @Test("what is to be tidied is what is to become of it, a count, and rule versions or outcomes")
    func tidy() {
        let expected = joined(
            [50, 0, 0, 0, 8, 3, 2, 0, 0, 0], [7], text("default"), [10, 0], text("article-22"), [0],
            [7], text("default"), [1, 0], text("a"), [1, 9, 0], text("graph/1#1"))
        #expect(ResponderFrame.encodeTidy(SampleFrames.tidying) == expected)
    }

    @Test("a status is a time, a count, and its figures in order")
    func status() {
        let expected = joined(
            [28, 0, 0, 0, 4], [0x00, 0x68, 0xE5, 0xCF, 0x8B, 0x01, 0x00, 0x00, 2],
            [1, 7, 0, 0, 0, 0, 0, 0, 0], [4, 0x02, 0x01, 0, 0, 0, 0, 0, 0])
        #expect(ResponderFrame.encodeStatus(SampleFrames.status) == expected)
    }

    @Test("welcome is the version and how many records may await their answer")
    func welcome() {
        #expect(
            AggregatorFrame.welcome(version: 1, inFlightMax: 65_536).encoded()
                == [7, 0, 0, 0, 129, 1, 0, 0, 0, 1, 0])
    }

    @Test("committed is a count")
    func committed() {
        #expect(AggregatorFrame.committed(258).encoded() == [5, 0, 0, 0, 130, 2, 1, 0, 0])
    }

    @Test("refused is a count and a reason")
    func refused() {
        #expect(AggregatorFrame.refused(3, .journalFull).encoded() == [6, 0, 0, 0, 131, 3, 0, 0, 0, 1])
        #expect(AggregatorFrame.refused(3, .journalFull).encoded() == [6, 0, 0, 0, 131, 3, 0, 0, 0, 1])
    }

    @Test("forgotten is a count")
    func forgotten() {
        #expect(AggregatorFrame.forgotten(258).encoded() == [5, 0, 0, 0, 133, 2, 1, 0, 0])
    }

    @Test("tidied is a count, and declined a text")
    func tidied() {
        #expect(AggregatorFrame.tidied(258).encoded() == [5, 0, 0, 0, 135, 2, 1, 0, 0])
        #expect(AggregatorFrame.declined(reason: "no").encoded() == [4, 0, 0, 0, 136, 2, 110, 111])
    }

    @Test("what is being erased is a text")
    func erasing() {
        #expect(AggregatorFrame.erasing(progress: "hm").encoded() == [4, 0, 0, 0, 134, 2, 104, 109])
    }

    @Test("closing is a text")
    func closing() {
        #expect(
            AggregatorFrame.closing(reason: "a frame is empty").encoded()
                == joined([18, 0, 0, 0, 132, 16], text("a frame is empty")))
    }

    @Test(
        "a closing whose reason is too long is cut between characters and still reads",
        arguments: ["x", "é", "語", "🎉", "x🎉"])
    func longClosing(unit: String) throws {
        let reason = String(repeating: unit, count: 300)
        let encoded = AggregatorFrame.closing(reason: reason).encoded()
        guard case .closing(let told) = try decodeAggregatorFrame(content(of: encoded)) else {
            Issue.record("a closing was decoded as another frame")
            return
        }
        #expect(reason.hasPrefix(told))
        #expect(told.utf8.count > 251)
        #expect(told.utf8.count <= 255)
    }
}

@Suite("The example in docs/forward-protocol.md")
struct DocumentedExampleTests {
    @Test("is what both ends send, byte for byte")
    func example() throws {
        var record: [UInt8] = []
        Record(
            id: try #require(RecordID(hex: "00112233445566778899aabbccddeeff")), timeMilliseconds: 1_700_000_000_000,
            subject: Subject(0xffee_ddcc_bbaa_9988_7766_5544_3322_1100), site: "default",
            event: .conversion(Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED"))
        ).encode(into: &record)
        let sent = [
            ResponderFrame.encodeHello(epoch: SubjectEpoch(0x8899_aabb_ccdd_eeff_0011_2233_4455_6677)),
            AggregatorFrame.welcome(version: 4, inFlightMax: 8_192).encoded(),
            ResponderFrame.encodeRecords(
                record[...], count: 1, sentMilliseconds: 1_700_000_000_002),
            AggregatorFrame.committed(1).encoded(),
        ]
        #expect(try documented() == sent)
    }

    /// The frames in the document's last code block: each begins at an arrow.
    private func documented() throws -> [[UInt8]] {
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docs/forward-protocol.md")
        let blocks = try String(contentsOf: document, encoding: .utf8).components(separatedBy: "```")
        var frames: [[UInt8]] = []
        for line in try #require(blocks.dropLast().last).split(separator: "\n") {
            if "→←".contains(line.prefix(1)) { frames.append([]) }
            let tokens = line.split(separator: " ").drop { "→←".contains($0) }
            let bytes = tokens.prefix { $0.utf8.count == 2 }.compactMap { UInt8($0, radix: 16) }
            frames[frames.endIndex - 1] += bytes
        }
        return frames
    }
}
