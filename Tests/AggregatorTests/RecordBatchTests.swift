import Records
import Storage
import Testing

@Suite("The records of a fold")
struct RecordBatchTests {
    private static func exposure(_ number: UInt128) -> Record {
        Record(
            id: RecordID(number), timeMilliseconds: Int64(number), subject: Subject(number), site: "default",
            event: .exposure(Exposure(ruleID: "article-22", outcomeID: "graph/1#1")))
    }

    /// What the batch says of each record.
    private static func records(_ batch: RecordBatch) -> [String] {
        batch.entries.map { entry in
            let kind = batch.kinds[entry.kind]
            return "\(entry.subject.value) \(entry.timeMilliseconds) \(kind.site) \(kind.event)"
        }
    }

    private static func records(_ records: [Record]) -> [String] {
        records.map { "\($0.subject.value) \($0.timeMilliseconds) \($0.site) \($0.event)" }
    }

    @Test("each is there as it was encoded, in its order, and each kind of them once, with its number")
    func decoding() throws {
        let records = (1...9).map { $0 % 3 == 0 ? Self.exposure($0) : Sample.record($0, outcome: "\($0 % 2)") }
        var batch = RecordBatch()
        try batch.add(encoded: Sample.bytes(records.prefix(4)))
        try batch.add(encoded: Sample.bytes(records.dropFirst(4)))
        #expect(Self.records(batch) == Self.records(records))
        #expect(batch.kinds.map(\.count) == [3, 3, 3])
        #expect(Self.records(RecordBatch(records)) == Self.records(records))
        #expect(RecordBatch(records).kinds.map(\.count) == [3, 3, 3])
    }

    @Test("names that read the same and are other bytes are two kinds")
    func opaque() {
        let batch = RecordBatch([Sample.record(1, outcome: "\u{E9}"), Sample.record(2, outcome: "e\u{301}")])
        #expect(batch.kinds.count == 2)
    }

    @Test("those that were erased are not in it")
    func erased() throws {
        var bytes = Sample.bytes(1...3)
        _ = try Record.erase([Subject(2)], in: &bytes)
        var batch = RecordBatch()
        try batch.add(encoded: bytes)
        #expect(batch.entries.map(\.subject) == [Subject(1), Subject(3)])
    }

    @Test("what is no record is none behind one of the same names either", arguments: [2, 3, 255] as [UInt8])
    func unknownKind(kind: UInt8) {
        var wrong = Sample.bytes([2])
        wrong[2] = kind
        var batch = RecordBatch()
        #expect(throws: DecodingFault.self) { try batch.add(encoded: Sample.bytes([1]) + wrong) }
    }

    @Test("bytes that end midway are an error", arguments: [1, 2, 20, 60])
    func truncated(count: Int) {
        var batch = RecordBatch()
        #expect(throws: DecodingFault.truncated) { try batch.add(encoded: Array(Sample.bytes([1]).dropLast(count))) }
    }
}
