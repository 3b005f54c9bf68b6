import Records
import Journal

/// Records and frames for tests. A record's number is its id, and its subject.
enum Sample {
    static func record(_ number: UInt128, outcome: String = "graph/1#1", at time: Int64 = 1_700_000_000_000) -> Record {
        Record(
            id: RecordID(number), timeMilliseconds: time, subject: Subject(number), site: "default",
            event: .conversion(Conversion(ruleID: "article-22", outcomeID: outcome, name: "REGISTERED")))
    }

    static func bytes(_ records: some Sequence<Record>) -> [UInt8] {
        var bytes: [UInt8] = []
        for record in records { record.encode(into: &bytes) }
        return bytes
    }

    static func bytes(_ numbers: some Sequence<UInt128>) -> [UInt8] {
        bytes(numbers.map { record($0) })
    }

    static func encoded(_ records: some Sequence<Record>) throws -> EncodedRecords {
        try bytes(records).withUnsafeBytes { try EncodedRecords(checking: $0) }
    }

    static func encoded(_ numbers: some Sequence<UInt128>) throws -> EncodedRecords {
        try encoded(numbers.map { record($0) })
    }

    /// A record whose outcome's id is as long as may be: so many of them fill a journal of few pages.
    static func long(_ number: UInt128) -> Record {
        record(number, outcome: String(repeating: "o", count: Limits.outcomeIDBytesMax))
    }

    /// A frame with those records.
    static func frame(_ numbers: some Sequence<UInt128>) -> [UInt8] {
        let records = numbers.map { bytes([$0]) }
        return ResponderFrame.encodeRecords(
            Array(records.joined())[...], count: records.count, sentMilliseconds: 1_700_000_000_000)
    }
}

extension Journal {
    /// The numbers of all records, a row for each commit.
    func numbers() throws -> [[UInt128]] {
        try rows(after: start).map { row in
            try row.batch.withUnsafeBytes { try Record.decodeIDs($0).map(\.value) }
        }
    }

    /// Appends a commit with those records.
    @discardableResult
    func append(_ numbers: some Collection<UInt128>) throws -> JournalPosition {
        try append(
            batch: Sample.bytes(numbers), recordCount: numbers.count, nowMilliseconds: WallClock.nowMilliseconds())
    }
}
