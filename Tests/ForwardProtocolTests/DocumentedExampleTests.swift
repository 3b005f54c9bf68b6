import ForwardProtocol
import Foundation
import Records
import Testing

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
            .appendingPathComponent("../../docs/forward-protocol.md")
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
