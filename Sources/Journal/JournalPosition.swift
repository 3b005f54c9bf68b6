import Cryptography

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
