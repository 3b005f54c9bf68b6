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

    /// What an aggregator does that has started with what there is: what a restoration that was interrupted has moved is the past from
    /// then on. Returns where it is now; nil where there was no such.
    public static func settle(in dataDirectory: String, nowMilliseconds: Int64) throws(BackupError) -> String? {
        try DataFiles(in: dataDirectory).setAside(nowMilliseconds: nowMilliseconds)
    }

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
        let copy = DataFiles(in: target.path(working))
        // What is there is taken away first.
        guard Files.resolved(copy.directory) != source.directory else {
            throw .unusable(
                path: source.directory,
                reason: "is what a restoration that was interrupted has left; move it out of the data directory first")
        }
        let files = try source.openAll()
        defer { for file in files { close(file.descriptor) } }
        let owner = try target.ownerForRestoring()
        let lock: DataDirectoryLock
        do {
            try owner.take()
            lock = try DataDirectoryLock(directory: dataDirectory)
        } catch {
            owner.giveBack()
            throw BackupError(error, about: dataDirectory)
        }
        defer {
            owner.giveBack()
            withExtendedLifetime(lock) {}
        }
        let contents: BackupContents
        do throws(BackupError) {
            try copy.take(files, in: dataDirectory)
            contents = try await copy.verified(as: source.directory)
            try Files.sync(copy.directory)
        } catch {
            try? Files.removeDirectory(copy.directory)
            throw error
        }
        let replaced = try target.exchange(for: copy, nowMilliseconds: nowMilliseconds)
        return Restoration(
            source: source.directory, contents: contents, replaced: replaced, owner: User.name(owner.user))
    }
}

extension DataFiles {
    /// Where what was there goes, until all is exchanged.
    private static let replacing = "replacing"

    /// Whose the data directory is, and so will its files be.
    fileprivate func ownerForRestoring() throws(BackupError) -> DirectoryOwner {
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
        return DirectoryOwner(status)
    }

    /// Opens a backup's files before root goes on as the data directory's owner, who may not be allowed to read them: as whose the
    /// backup is, and without following a link. One may have a log, where it was no backup but an aggregator's files, moved aside or
    /// of a snapshot.
    fileprivate func openAll() throws(BackupError) -> [OpenedFile] {
        var status = stat()
        let place = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard place >= 0 else { throw .failed("be opened as a directory", directory) }
        defer { close(place) }
        guard fstat(place, &status) == 0 else { throw .failed("be looked at", directory) }
        let owner = DirectoryOwner(status)
        do {
            try owner.take()
        } catch {
            throw BackupError(error, about: directory)
        }
        defer { owner.giveBack() }
        var files: [OpenedFile] = []
        do throws(BackupError) {
            for name in Self.names where !name.hasSuffix("-shm") && !name.hasSuffix(".new") {
                if let file = try OpenedFile(name: name, in: place, of: directory) { files.append(file) }
            }
        } catch {
            for file in files { close(file.descriptor) }
            throw error
        }
        return files
    }

    /// Copies them into this directory, which is made anew.
    fileprivate func take(_ files: [OpenedFile], in dataDirectory: String) throws(BackupError) {
        try Files.expectRoom(for: files.reduce(0) { $0 + $1.byteCount }, at: dataDirectory)
        try Files.makeWorkingDirectory(directory)
        for file in files { try Files.copy(file.descriptor, file.path, to: path(file.name)) }
    }

    /// One after the other, so that at no moment both are missing, which an aggregator would take for a new installation; and of
    /// each all that stands beside it before its new one comes, since SQLite would take a log for that one's. Returns where what
    /// was there is; nil where there was nothing.
    ///
    /// What is in the place of what an interrupted one has moved is a backup's, and is written over. An aggregator that has started
    /// since has given what was moved another name (``Restoration/settle(in:nowMilliseconds:)``).
    fileprivate func exchange(for copy: DataFiles, nowMilliseconds: Int64) throws(BackupError) -> String? {
        let room = DataFiles(in: path(Self.replacing))
        guard mkdir(room.directory, 0o700) == 0 || errno == EEXIST else { throw .failed("be made", room.directory) }
        for name in Self.databases + [EpochFile.name] {
            if access(room.mark(name), F_OK) != 0 {
                for each in present where each == name || each.hasPrefix("\(name)-") || each == "\(name).new" {
                    try move(path(each), to: room.path(each))
                }
                try Files.make(room.mark(name))
                try Files.sync(room.directory)
                try Files.sync(directory)
            }
            if access(copy.path(name), F_OK) == 0 {
                try move(copy.path(name), to: path(name))
            } else {
                unlink(path(name))
            }
            try Files.sync(directory)
        }
        try Files.removeDirectory(copy.directory)
        return try setAside(nowMilliseconds: nowMilliseconds)
    }

    /// Gives what was moved the name under which it is kept, and returns that; nil where nothing was moved.
    fileprivate func setAside(nowMilliseconds: Int64) throws(BackupError) -> String? {
        let room = DataFiles(in: path(Self.replacing))
        guard !room.present.isEmpty else {
            room.removeMarks()
            rmdir(room.directory)
            return nil
        }
        let name = try Files.inTime(nowMilliseconds) { rename(room.directory, path("replaced-\($0)")) }
        try Files.sync(directory)
        let replaced = DataFiles(in: path("replaced-\(name)"))
        // Not before, or what is in place would be taken for what was there.
        replaced.removeMarks()
        return replaced.directory
    }

    private func removeMarks() {
        for name in Self.names { unlink(mark(name)) }
    }

    /// Stands for a file that was moved, or that there was none, so that what is in its place is the backup's.
    private func mark(_ name: String) -> String { path("\(name).moved") }

    private func move(_ path: String, to target: String) throws(BackupError) {
        let isTaken = target.hasPrefix(self.path(Self.replacing)) && access(target, F_OK) == 0
        if isTaken { errno = EEXIST }
        guard !isTaken, rename(path, target) == 0 else {
            let reason = String(cString: strerror(errno))
            throw .inputOutput(
                path: path,
                reason: "cannot be moved (\(reason)), and the data directory is restored in part; do not start the "
                    + "aggregator, but give the command again. Nothing is lost: what was there is in "
                    + self.path(Self.replacing))
        }
    }
}

/// A file of a backup.
private struct OpenedFile {
    let name: String
    let path: String
    let byteCount: Int64
    let descriptor: CInt

    /// Nil where there is none.
    init?(name: String, in place: CInt, of directory: String) throws(BackupError) {
        self.name = name
        path = "\(directory)/\(name)"
        // Without O_NONBLOCK a pipe would make this wait for a writer.
        descriptor = openat(place, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno != ENOENT else { return nil }
            guard errno != ELOOP else {
                throw .unusable(path: path, reason: "is a symbolic link, which no backup has; restore another backup")
            }
            throw .failed("be opened", path)
        }
        do throws(BackupError) {
            byteCount = try Files.byteCount(ofRegular: descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
    }
}
