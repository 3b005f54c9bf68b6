import Aggregator
import Glibc
import Journal
import Records

/// A backup that was put in the place of what a data directory had.
///
/// The backup is copied into the data directory first, and verified there, so that what is put in place is what was verified, and
/// putting it there is no more than giving names. A death between two of these leaves what an aggregator refuses to start with,
/// or, where it has the journal of before and no store or the backup's, what it goes on with rightly.
public struct Restoration: Sendable {
    private static let working = "restoring"

    /// The backup's directory.
    public let source: String
    public let contents: BackupContents
    /// Where the files are that were there before, in the data directory; nil where there were none.
    public let replaced: String?
    /// The user whose files they are.
    public let owner: String

    /// Whether an aggregator would doubt a clock that shows this time.
    public func needsTrust(inClockAt nowMilliseconds: Int64) -> Bool {
        guard let last = contents.lastMilliseconds else { return false }
        return nowMilliseconds - last > SoundClock.aheadMillisecondsMax
            || last - nowMilliseconds > SoundClock.behindMillisecondsMax
    }

    /// - Parameters:
    ///   - path: a backup, or where backups are kept: then the latest is meant.
    ///   - dataDirectory: whose owner the files will have. No aggregator may run on it.
    public static func make(
        from path: String, into dataDirectory: String, nowMilliseconds: Int64
    ) async throws(BackupError) -> Restoration {
        let source = DataFiles(in: try BackupPlace.backup(at: path))
        let held = try BackupPlace.hold(source.directory)
        defer { if let held { close(held) } }
        let target = DataFiles(in: dataDirectory)
        let owner = try target.ownerForRestoring()
        let lock: DataDirectoryLock
        do {
            lock = try DataDirectoryLock(directory: dataDirectory)
        } catch {
            throw BackupError(error, about: dataDirectory)
        }
        defer { withExtendedLifetime(lock) {} }
        let copy = DataFiles(in: target.path(working))
        // What is there is taken away first.
        guard Files.resolved(copy.directory) != Files.resolved(source.directory) else {
            throw .unusable(
                path: source.directory,
                reason: "is what a restoration that was interrupted has left; move it out of the data directory first")
        }
        let contents: BackupContents
        do throws(BackupError) {
            try source.copyAll(to: copy, in: dataDirectory)
            contents = try await copy.verified(as: source.directory)
            try copy.give(to: owner)
        } catch {
            try? Files.removeDirectory(copy.directory)
            throw error
        }
        let replaced = try target.makeRoom(for: owner, nowMilliseconds: nowMilliseconds)
        try target.exchange(for: copy, movingTo: replaced)
        return Restoration(
            source: source.directory, contents: contents, replaced: replaced?.directory, owner: User.name(owner.st_uid))
    }
}

extension DataFiles {
    /// Whose the data directory is, and so will its files be.
    fileprivate func ownerForRestoring() throws(BackupError) -> stat {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            if errno == EACCES {
                throw .unusable(
                    path: directory, reason: "cannot be looked at by the user '\(User.current)'; run this as root")
            }
            throw .unusable(
                path: directory,
                reason: "there is no such data directory; mount its disk, or create it, mode 0700, owned by the "
                    + "aggregator's user")
        }
        guard geteuid() == 0 || geteuid() == status.st_uid else {
            throw .unusable(
                path: directory,
                reason: "belongs to '\(User.name(status.st_uid))', and this is run by '\(User.current)'; run it as "
                    + "root or as that user")
        }
        return status
    }

    /// Copies the files of a backup into a new directory. One may have a log, where it was no backup but an aggregator's files,
    /// moved aside or of a snapshot.
    fileprivate func copyAll(to copy: DataFiles, in dataDirectory: String) throws(BackupError) {
        let names = present.filter { !$0.hasSuffix("-shm") && !$0.hasSuffix(".new") }
        let bytes = names.reduce(0) { $0 + (Files.byteCount(of: path($1)) ?? 0) }
        try Files.expectRoom(for: bytes, at: dataDirectory)
        try Files.makeWorkingDirectory(copy.directory)
        for name in names { try Files.copy(path(name), to: copy.path(name)) }
    }

    fileprivate func give(to owner: stat) throws(BackupError) {
        for path in present.map(path) + [directory] {
            guard geteuid() != 0 || lchown(path, owner.st_uid, owner.st_gid) == 0 else {
                throw .failed("be given to '\(User.name(owner.st_uid))'", path)
            }
        }
        try Files.sync(directory)
    }

    /// Makes the directory that the present files are moved to; nil where there is none of them.
    fileprivate func makeRoom(for owner: stat, nowMilliseconds: Int64) throws(BackupError) -> DataFiles? {
        guard !present.isEmpty else { return nil }
        let name = try Files.inTime(nowMilliseconds) { mkdir(path("replaced-\($0)"), 0o700) }
        let room = DataFiles(in: path("replaced-\(name)"))
        try room.give(to: owner)
        return room
    }

    /// One after the other, so that at no moment both are missing, which an aggregator would take for a new installation; and of
    /// each all that stands beside it before its new one comes, since SQLite would take a log for that one's.
    fileprivate func exchange(for copy: DataFiles, movingTo room: DataFiles?) throws(BackupError) {
        for name in Self.databases + [EpochFile.name] {
            for each in present where each == name || each.hasPrefix("\(name)-") || each == "\(name).new" {
                try move(path(each), to: room?.path(each), from: copy)
            }
            if let room { try Files.sync(room.directory) }
            try Files.sync(directory)
            if access(copy.path(name), F_OK) == 0 { try move(copy.path(name), to: path(name), from: copy) }
            try Files.sync(directory)
        }
        try Files.removeDirectory(copy.directory)
        try Files.sync(directory)
    }

    private func move(_ path: String, to target: String?, from copy: DataFiles) throws(BackupError) {
        guard let target, rename(path, target) == 0 else {
            let reason = String(cString: strerror(errno))
            throw .inputOutput(
                path: path,
                reason: "cannot be moved (\(reason)), and the data directory is restored in part; do not start the "
                    + "aggregator, but give the command again. Nothing is lost: what was there is in replaced-…")
        }
    }
}
