import Aggregator
import Glibc
import Journal
import SQLiteSupport

/// A copy of a data directory, made while an aggregator goes on with it.
///
/// The store is copied first: what is committed meanwhile is then in the journal alone, as after a start. Each file is read in one
/// transaction of SQLite's (see ``DatabaseCopy``).
public struct Backup: Sendable {
    /// What a disk is to have left beside a copy, since an aggregator may write to the same one: 64 MiB.
    private static let bytesLeftMin: Int64 = 64 << 20

    /// Its directory.
    public let path: String
    public let contents: BackupContents
    /// How many earlier ones were removed, or why one could not be.
    public let removal: Result<Int, BackupError>

    /// Makes a backup and verifies it; then removes the earliest. Where it throws, those that there were are there still.
    ///
    /// - Parameter count: how many are kept, this one among them; at least 1.
    public static func make(
        of dataDirectory: String, in place: BackupPlace, keeping count: Int, nowMilliseconds: Int64
    ) async throws(BackupError) -> Backup {
        let files = DataFiles(in: dataDirectory)
        try files.expectReadable()
        try files.verifyLog()
        try Files.expectRoom(for: try files.copyByteCount() + bytesLeftMin, at: place.path)
        let copy = DataFiles(in: try place.begin())
        do throws(BackupError) {
            try files.copyLive(to: copy)
            let contents = try await copy.verified(as: dataDirectory)
            let path = try place.finish(nowMilliseconds: nowMilliseconds)
            return Backup(
                path: path, contents: contents,
                removal: Result { () throws(BackupError) in
                    try place.removeEarliest(keeping: count, besides: path)
                })
        } catch {
            place.abandon()
            throw error
        }
    }
}

extension DataFiles {
    /// What a SQLite file has at least.
    private static let fileHeaderBytes = 100

    /// Of the directory that an aggregator uses.
    fileprivate func expectReadable() throws(BackupError) {
        var (status, file) = (stat(), stat())
        guard stat(directory, &status) == 0 else {
            guard errno != EACCES else { throw unreadable(directory, owner: nil) }
            throw .unusable(
                path: directory,
                reason: "there is no such data directory; correct aggregator.dataDirectory, or mount its disk")
        }
        guard access(directory, R_OK | X_OK) == 0 else { throw unreadable(directory, owner: status.st_uid) }
        for name in Self.databases {
            guard access(path(name), F_OK) == 0 else {
                throw .unusable(
                    path: path(name),
                    reason: "there is none, so there is nothing to back up: is this the data directory of an "
                        + "aggregator that has been started?")
            }
            // SQLite writes to the index beside the file to read it.
            guard access(path(name), R_OK | W_OK) == 0 else { throw unreadable(path(name), owner: status.st_uid) }
            // It would take such a file for a new one, and delete the log beside it, in which the commits may be.
            guard stat(path(name), &file) == 0, file.st_size >= Self.fileHeaderBytes else {
                throw .unusable(
                    path: path(name),
                    reason: "is cut off at its beginning, and was not opened; move nothing there, and restore a backup")
            }
        }
    }

    private func unreadable(_ path: String, owner: uid_t?) -> BackupError {
        let owner = owner.map { " or as '\(User.name($0))', whose it is" } ?? ""
        return .unusable(path: path, reason: "cannot be read by the user '\(User.current)'; run this as root\(owner)")
    }

    fileprivate func copyByteCount() throws(BackupError) -> Int64 {
        var count: Int64 = 0
        for name in Self.databases {
            do {
                count += try DatabaseCopy.byteCount(of: path(name))
            } catch {
                throw BackupError(error, about: path(name))
            }
        }
        return count
    }

    fileprivate func copyLive(to copy: DataFiles) throws(BackupError) {
        for name in Self.databases {
            do {
                try DatabaseCopy.make(of: path(name), at: copy.path(name))
            } catch FileFault.full {
                throw .noRoom(path: copy.directory, bytesNeeded: nil, bytesFree: nil)
            } catch {
                throw BackupError(error, about: path(name))
            }
        }
        // Last: an epoch that is newer than what was counted under it does no harm.
        if access(path(EpochFile.name), F_OK) == 0 {
            try Files.copy(path(EpochFile.name), to: copy.path(EpochFile.name))
        }
    }

    /// What an aggregator that died has left is verified as a start would. While one runs it changes, and is as it should be.
    fileprivate func verifyLog() throws(BackupError) {
        guard DataDirectoryLock.isHeld(directory: directory) == false else { return }
        do {
            try Journal.verifyLog(of: path(DataFileName.journal))
        } catch {
            // One may have started meanwhile.
            if DataDirectoryLock.isHeld(directory: directory) == false {
                throw BackupError(error, about: path(DataFileName.journal))
            }
        }
    }
}
