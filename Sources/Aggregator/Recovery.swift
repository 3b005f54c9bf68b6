import Journal
import Records
import Storage

/// What a start finds in the data directory: a journal that is whole, and how far the store has come in it.
public struct Recovery: Sendable {
    public let journal: Journal
    /// The store's place in the journal.
    public let folded: JournalPosition
    /// When the first commit was made that the store has not folded, since 1970, UTC; nil where it has all.
    public let unfoldedSinceMilliseconds: Int64?
    /// The ids of the journal's latest records.
    let window: RecordIDWindow

    /// Holds the store against the journal, verifies every commit that is still needed, and reads the latest ids.
    ///
    /// - Parameter recounts: whether an empty store may begin with what a journal holds that was shortened.
    public init(
        journal: Journal, store: some OutcomeStore, storePath: String, recounts: Bool = false
    ) async throws {
        try await self.init(
            journal: journal, store: store, storePath: storePath, recounts: recounts,
            windowCapacity: Limits.recordIDWindow)
    }

    init(
        journal: Journal, store: some OutcomeStore, storePath: String, recounts: Bool = false, windowCapacity: Int
    ) async throws {
        self.journal = journal
        let position = try await store.position()
        if position == nil, journal.start.sequence > 0, !recounts {
            throw RecoveryError.storeMissing(
                store: storePath, journal: journal.path, start: journal.start.sequence)
        }
        folded = try Self.place(of: position, in: journal, storePath: storePath)
        unfoldedSinceMilliseconds = try journal.rows(after: folded, rowsMax: 1).first?.committedMilliseconds
        let windowStart = try journal.position(beforeLast: windowCapacity)
        var window = RecordIDWindow(capacity: windowCapacity)
        var last = windowStart.sequence < folded.sequence ? windowStart : folded
        while case let rows = try journal.rows(after: last), let end = rows.last {
            for row in rows where row.position.sequence > windowStart.sequence {
                for id in try Self.ids(of: row, in: journal) where !window.contains(id) { window.insert(id) }
            }
            last = end.position
        }
        self.window = window
    }

    /// The journal's position that the store says it has folded. Refuses a store of another journal, or one that has
    /// folded what this journal does not hold.
    private static func place(
        of position: FoldPosition?, in journal: Journal, storePath: String
    ) throws -> JournalPosition {
        guard let position else { return journal.start }
        guard position.journalID == journal.identity.value else {
            throw RecoveryError.otherJournal(store: storePath, journal: journal.path)
        }
        guard position.sequence >= journal.start.sequence else {
            throw RecoveryError.storeTooOld(
                store: storePath, journal: journal.path, sequence: position.sequence, start: journal.start.sequence)
        }
        guard let found = try journal.position(at: position.sequence) else {
            throw RecoveryError.storeAhead(store: storePath, journal: journal.path, sequence: position.sequence)
        }
        guard found.checksum == position.checksum else {
            throw RecoveryError.otherHistory(store: storePath, journal: journal.path, sequence: position.sequence)
        }
        return found
    }

    private static func ids(of row: JournalRow, in journal: Journal) throws -> [RecordID] {
        do {
            return try row.batch.withUnsafeBytes { try Record.decodeIDs($0) }
        } catch {
            throw RecoveryError.unreadable(journal: journal.path, sequence: row.position.sequence, reason: "\(error)")
        }
    }
}

/// Why store and journal do not go together. The description says what to restore.
public enum RecoveryError: Error, Sendable, CustomStringConvertible {
    case otherJournal(store: String, journal: String)
    case storeAhead(store: String, journal: String, sequence: Int64)
    case otherHistory(store: String, journal: String, sequence: Int64)
    case storeMissing(store: String, journal: String, start: Int64)
    case storeTooOld(store: String, journal: String, sequence: Int64, start: Int64)
    case unreadable(journal: String, sequence: Int64, reason: String)
    case epochUnreadable(file: String, reason: String)

    public var description: String {
        switch self {
        case .otherJournal(let store, let journal):
            "\(store): the store belongs to another journal than \(journal); restore both from one backup"
        case .storeAhead(let store, let journal, let sequence):
            "\(store): the store has counted commit \(sequence), which \(journal) does not hold; "
                + "restore both from one backup"
        case .otherHistory(let store, let journal, let sequence):
            "\(store): the store has counted another commit \(sequence) than the one in \(journal); "
                + "restore both from one backup"
        case .storeMissing(let store, let journal, let start):
            "\(store): there is no store, or an empty one, and \(journal) no longer has its first \(start) commits; restore both "
                + "from one backup, or run `rule-outcomes recount`, which counts what the journal has and no more"
        case .storeTooOld(let store, let journal, let sequence, let start):
            "\(store): the store has counted up to commit \(sequence), and \(journal) no longer has the commits up to \(start); "
                + "restore both from one backup"
        case .unreadable(let journal, let sequence, let reason):
            "\(journal): commit \(sequence) cannot be read: \(reason); was it written by a later release?"
        case .epochUnreadable(let file, let reason):
            "\(file): cannot be read: \(reason); restore it from a backup, or remove it: then the subject secret that the store "
                + "knows last is the one that counts"
        }
    }
}
