/// One commit as it was appended.
public struct JournalRow: Hashable, Sendable {
    /// The place after this commit.
    public let position: JournalPosition
    /// How many records the batch holds, as the appender said.
    public let recordCount: Int
    /// When it was made: milliseconds since 1970, UTC.
    public let committedMilliseconds: Int64
    /// The records' bytes, which the journal does not look into.
    public let batch: [UInt8]

    public init(position: JournalPosition, recordCount: Int, committedMilliseconds: Int64, batch: [UInt8]) {
        self.position = position
        self.recordCount = recordCount
        self.committedMilliseconds = committedMilliseconds
        self.batch = batch
    }
}
