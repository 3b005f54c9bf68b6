import Glibc

/// The directory that backups are kept in, each in one of its own that is called by the time at which it was made.
///
/// One process makes backups there at a time, for as long as this object lives.
public final class BackupPlace: Sendable {
    /// What is not whole yet, or is being removed.
    private static let working = "incomplete"

    /// Without links.
    public let path: String
    private let descriptor: CInt

    /// Makes the directory, where there is none, mode 0700; throws where it cannot serve.
    ///
    /// - Parameter dataDirectory: the one that is backed up, outside of which it has to be.
    public init(path: String, outside dataDirectory: String) throws(BackupError) {
        let isNew = mkdir(path, 0o700) == 0
        if !isNew, errno != EEXIST { throw Self.unwritable(path, code: errno) }
        guard let resolved = Files.resolved(path) else { throw .failed("be looked at", path) }
        if let data = Files.resolved(dataDirectory), "\(resolved)/".hasPrefix("\(data)/") {
            if isNew { rmdir(path) }
            throw .unusable(
                path: path,
                reason: "is inside the data directory \(data), and would be lost with it; name one on another disk")
        }
        self.path = resolved
        descriptor = open(resolved, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed("be opened as a directory", path) }
        do {
            if isNew { try Files.sync("\(resolved)/..") }
            try Self.check(path, descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    private static func check(_ path: String, _ descriptor: CInt) throws(BackupError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .failed("be looked at", path) }
        // Whoever may exchange what is in it could have another file written, or restored.
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0, [0, geteuid()].contains(status.st_uid) else {
            throw .unusable(
                path: path,
                reason: "another user may write to it; make a directory in it that is this user's own, mode 0700, "
                    + "and name that")
        }
        guard access(path, W_OK | X_OK) == 0 else { throw unwritable(path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw .failed("be locked", path) }
            throw .busy(path: path, reason: "another backup is being made, or restored, there; it has to end first")
        }
    }

    private static func unwritable(_ path: String, code: CInt) -> BackupError {
        .unusable(
            path: path,
            reason: "cannot be written to by the user '\(User.current)' (\(String(cString: strerror(code)))); name a "
                + "directory that is this user's, below one that is there")
    }

    /// A directory that is empty, for the next backup.
    func begin() throws(BackupError) -> String {
        let directory = "\(path)/\(Self.working)"
        try Files.makeWorkingDirectory(directory)
        return directory
    }

    /// Takes away what has been begun and cannot be ended.
    func abandon() {
        try? Files.removeDirectory("\(path)/\(Self.working)")
    }

    /// Makes a backup of what was begun, all of which is on disk: it has its name from here on. Returns its directory.
    func finish(nowMilliseconds: Int64) throws(BackupError) -> String {
        let directory = "\(path)/\(Self.working)"
        try Files.sync(directory)
        let name = try Files.inTime(nowMilliseconds) { rename(directory, "\(path)/\($0)") }
        try Files.sync(path)
        return "\(path)/\(name)"
    }

    /// Removes the earliest backups but so many, and never the one that was just made. Returns how many.
    func removeEarliest(keeping count: Int, besides last: String) throws(BackupError) -> Int {
        let now = last.split(separator: "/").last.map(String.init) ?? ""
        let earlier = try Self.backups(in: path, now: now).filter { "\(path)/\($0)" != last }
        let removed = earlier.dropLast(count - 1)
        for name in removed {
            let working = "\(path)/\(Self.working)"
            // First it is no backup any more.
            guard rename("\(path)/\(name)", working) == 0 else { throw .failed("be removed", "\(path)/\(name)") }
            try Files.removeDirectory(working)
        }
        return removed.count
    }

    /// Their names, in the order of their times. Those in front are later than now: they were made under a clock that was ahead, and
    /// are no match for any that is known to be of its time.
    static func backups(in directory: String, now: String) throws(BackupError) -> [String] {
        let names = try Files.names(in: directory).filter { Files.isTimeName($0) }.sorted()
        return names.filter { $0 > now } + names.filter { $0 <= now }
    }

    /// The backup that is meant by `path`: it, where it is one, or the latest that is kept there.
    static func backup(at path: String) throws(BackupError) -> String {
        guard let resolved = Files.resolved(path) else {
            guard errno == ENOENT else { throw .failed("be looked at", path) }
            throw .unusable(path: path, reason: "there is no such directory; name a backup, or where backups are kept")
        }
        if DataFiles.databases.contains(where: { access("\(resolved)/\($0)", F_OK) == 0 }) { return resolved }
        // Some seconds are the names' own, which are made different.
        let now = Files.timeName(seconds: Int64(time(nil)) + 60)
        guard let latest = try backups(in: resolved, now: now).last else {
            throw .unusable(path: path, reason: "holds no backup; name one, or where backups are kept")
        }
        return "\(resolved)/\(latest)"
    }

    /// Keeps a backup from being removed until the result is closed; nil where nothing can be locked there.
    static func hold(_ backup: String) throws(BackupError) -> CInt? {
        let place =
            backup.split(separator: "/").last.map { Files.isTimeName(String($0)) } == true ? "\(backup)/.." : backup
        let descriptor = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            close(descriptor)
            throw .busy(path: backup, reason: "a backup is being made there; it has to end first")
        }
        return descriptor
    }
}

/// Users, by the names that administrators know them by.
enum User {
    static var current: String { name(geteuid()) }

    static func name(_ id: uid_t) -> String {
        getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "\(id)"
    }
}
