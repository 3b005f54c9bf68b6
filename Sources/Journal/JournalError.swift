/// Why the journal, or the directory it stands in, did not do what it was asked to.
public enum JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no room. The commit was rolled back whole; the same one may be tried again later.
    case full(file: String)
    /// Another process holds the file. The commit was not begun; the same one may be tried again later.
    case locked(file: String)
    /// Reading, writing or syncing failed. What the disk holds is no longer known, so the process must end: the next
    /// start reads what is there and verifies it.
    case inputOutput(file: String, reason: String)
    /// The file holds something other than what was committed. `sequence` is the first bad commit, where it is known.
    case broken(file: String, sequence: Int64?, reason: String)
    /// The file or directory cannot serve at all. `reason` says why and what to do.
    case unusable(path: String, reason: String)

    /// Whether nothing of the commit was stored, and the same one may succeed later.
    public var isTemporary: Bool {
        switch self {
        case .full, .locked: true
        case .inputOutput, .broken, .unusable: false
        }
    }

    /// One line: the file, what is wrong with it, and what to do.
    public var description: String {
        switch self {
        case .full(let file):
            "\(file): no room for another commit, so nothing of it was stored; free some space on its disk, "
                + "commits go on by themselves once there is room"
        case .locked(let file):
            "\(file): another process holds the file; end that one, "
                + "an aggregator that runs goes on by itself once the file is free"
        case .inputOutput(let file, let reason):
            "\(file): \(reason); commits not yet acknowledged may be lost; look at the disk, then start again"
        case .broken(let file, let sequence?, let reason):
            "\(file): commit \(sequence) is broken: \(reason); restore the data directory from a backup"
        case .broken(let file, nil, let reason):
            "\(file): \(reason); restore the data directory from a backup"
        case .unusable(let path, let reason):
            "\(path): \(reason)"
        }
    }
}
