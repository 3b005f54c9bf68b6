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
                + "from one backup, or start once with --recount, which counts what the journal has and no more"
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
