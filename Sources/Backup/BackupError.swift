import Aggregator
import Glibc
import Journal
import SQLiteSupport
import Storage

/// Why a backup was not made, or not restored. Until a restoration begins to move files nothing has changed by then.
public enum BackupError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A directory or file cannot serve. `reason` says why and what to do.
    case unusable(path: String, reason: String)
    /// What was copied is not whole, or does not belong together.
    case damaged(reason: String)
    case noRoom(path: String, bytesNeeded: Int64?, bytesFree: Int64?)
    /// Reading, writing or syncing failed.
    case inputOutput(path: String, reason: String)
    /// Somebody else is at it; it goes once that one has ended.
    case busy(path: String, reason: String)

    /// One line.
    public var description: String {
        switch self {
        case .unusable(let path, let reason), .inputOutput(let path, let reason), .busy(let path, let reason):
            "\(path): \(reason)"
        case .damaged(let reason): reason
        case .noRoom(let path, let needed?, let free?):
            "\(path): no room: it takes \(Self.mebibytes(needed)), and its disk has \(Self.mebibytes(free)) free; make room there, or "
                + "take another disk"
        case .noRoom(let path, _, _):
            "\(path): its disk has become full; make room there, or take another disk"
        }
    }

    private static func mebibytes(_ bytes: Int64) -> String {
        "\((bytes + (1 << 20) - 1) >> 20) MiB"
    }

    /// What an error of those who keep the files means here.
    init(_ error: any Error, about path: String) {
        switch error {
        case let error as BackupError: self = error
        case FileFault.full, JournalError.full, StorageError.full:
            self = .noRoom(path: path, bytesNeeded: nil, bytesFree: nil)
        case FileFault.locked, JournalError.locked, StorageError.locked:
            self = .busy(
                path: path, reason: "another process holds the file; end that one, or try again when it has ended")
        case JournalError.inUse:
            self = .busy(
                path: path,
                reason: "an aggregator runs on this data directory; stop it first: "
                    + "systemctl stop rule-outcomes-aggregator")
        case FileFault.failed(let reason): self = .inputOutput(path: path, reason: reason)
        case FileFault.damaged(let reason): self = .damaged(reason: "\(path): \(reason)")
        case FileFault.unusable(let path, let reason): self = .unusable(path: path, reason: reason)
        case JournalError.inputOutput(_, let reason), StorageError.inputOutput(_, let reason):
            self = .inputOutput(path: path, reason: reason)
        default: self = .damaged(reason: "\(error)")
        }
    }

    /// A system call about `path` has failed.
    static func failed(_ action: String, _ path: String, code: CInt = errno) -> BackupError {
        BackupError(FileFault.failed(action, path, code: code), about: path)
    }
}
