import GRDB
import Glibc
import SQLiteSupport

/// Why the journal, or the directory it stands in, did not do what it was asked to.
public enum JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no room. The commit was rolled back whole; the same one may be tried again later.
    case full(file: String)
    /// Another process holds the file. The commit was not begun; the same one may be tried again later.
    case locked(file: String)
    /// Another process has locked the data directory.
    case inUse(directory: String)
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
        case .inUse, .inputOutput, .broken, .unusable: false
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
        case .inUse(let directory):
            "\(directory): another aggregator uses this data directory; stop it, or give this one a directory of its own"
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

extension JournalError {
    /// What an error means for the journal in `file`. Errors of the journal's own pass unchanged.
    ///
    /// - Parameter database: the connection that failed, on its queue; nil when there is none.
    init(_ error: any Error, file: String, in database: Database? = nil) {
        switch error {
        case let error as JournalError: self = error
        case let fault as FileFault: self.init(fault, file: file)
        case let error as DatabaseError:
            self.init(FileFault(error, file: file, thing: "journal", in: database), file: file)
        default: self = .inputOutput(file: file, reason: "\(error)")
        }
    }

    private init(_ fault: FileFault, file: String) {
        self =
            switch fault {
            case .full: .full(file: file)
            case .locked: .locked(file: file)
            case .failed(let reason): .inputOutput(file: file, reason: reason)
            case .damaged(let reason): .broken(file: file, sequence: nil, reason: reason)
            case .unusable(let path, let reason): .unusable(path: path, reason: reason)
            }
    }

    /// What a failed system call means for `path`.
    static func unusable(path: String, failed action: String, code: Int32 = errno) -> JournalError {
        JournalError(FileFault.failed(action, path, code: code), file: path)
    }
}
