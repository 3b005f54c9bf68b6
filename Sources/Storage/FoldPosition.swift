/// How far a store has counted: the last commit of the journal whose records it holds.
public struct FoldPosition: Hashable, Sendable {
    /// The journal's own id: 16 bytes, the first in the highest place.
    public let journalID: UInt128
    /// The commit's number, which only grows within a journal.
    public let sequence: Int64
    /// The commit's checksum, which depends on all commits before it: 16 bytes, the first in the highest place.
    public let checksum: UInt128

    public init(journalID: UInt128, sequence: Int64, checksum: UInt128) {
        self.journalID = journalID
        self.sequence = sequence
        self.checksum = checksum
    }

    /// Whether a store that stands at `position` has yet to count the records that lead here; false when it has.
    ///
    /// - Parameters:
    ///   - position: where the store stands, nil at its beginning.
    ///   - store: the store, as errors name it.
    /// - Throws: `.positionRefused` when this place does not follow from the store's.
    public func isAhead(of position: FoldPosition?, in store: String) throws(StorageError) -> Bool {
        guard let position else { return true }
        if self == position { return false }
        guard journalID == position.journalID else {
            throw .positionRefused(store: store, reason: "it was filled from another journal")
        }
        guard sequence != position.sequence else {
            throw .positionRefused(
                store: store, reason: "it was filled from another journal's commit \(sequence), under the same id")
        }
        guard sequence > position.sequence else {
            throw .positionRefused(
                store: store, reason: "it stands at commit \(position.sequence), ahead of the journal's \(sequence)")
        }
        return true
    }
}

/// How far a store has come in looking for subjects that have expired. Only the store that gave it can read it.
public struct ExpiryPlace: Hashable, Sendable {
    public let ruleNumber: Int64
    public let subject: UInt128

    public init(ruleNumber: Int64, subject: UInt128) {
        self.ruleNumber = ruleNumber
        self.subject = subject
    }
}
