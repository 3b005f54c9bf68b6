import Cryptography

/// A journal's own id: 16 random bytes, made when the file is, so that a store can tell its journal from any other.
public struct JournalID: Hashable, Sendable {
    /// The bytes, the first in the highest place.
    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }

    static func random() -> JournalID {
        JournalID(UInt128.random(in: .min ... .max))
    }
}

/// A place in the journal: right after the commit of this sequence number.
public struct JournalPosition: Hashable, Sendable {
    /// The commit's number, counted from 1 and never reused; 0 is the place before the first commit.
    public let sequence: Int64
    /// 16 bytes, the first in the highest place, that depend on this commit and on every one before it.
    public let checksum: UInt128

    public init(sequence: Int64, checksum: UInt128) {
        self.sequence = sequence
        self.checksum = checksum
    }

    /// The place before the first commit. The journal's id stands for the checksum, so that every chain is of its
    /// journal.
    static func start(of journal: JournalID) -> JournalPosition {
        JournalPosition(sequence: 0, checksum: journal.value)
    }

    /// The place after a commit that follows this one.
    ///
    /// Its checksum is the first 16 bytes of SHA-256 over this checksum (16 bytes), the new sequence number, the time of the
    /// commit and the record count (8 bytes each, little-endian), and the digest of the batch.
    func following(committedMilliseconds: Int64, recordCount: Int, digest: [UInt8]) -> JournalPosition {
        let following = sequence + 1
        var hash = SHA256()
        withUnsafeBytes(of: checksum.bigEndian) { hash.update($0) }
        for number in [following, committedMilliseconds, Int64(recordCount)] {
            withUnsafeBytes(of: number.littleEndian) { hash.update($0) }
        }
        hash.update(digest)
        return JournalPosition(sequence: following, checksum: hash.finalize().first128Bits)
    }
}

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
