import FoundationEssentials
import Glibc
import SQLiteSupport

/// What is done with files and directories here. All that is made is for its owner alone.
enum Files {
    private static let chunkBytes = 1 << 20

    /// Nil where there is none.
    static func byteCount(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    static func bytesFree(at path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// Throws `.noRoom` where a disk says that it has less than that.
    static func expectRoom(for bytes: Int64, at path: String) throws(BackupError) {
        guard let free = bytesFree(at: path), free < bytes else { return }
        throw .noRoom(path: path, bytesNeeded: bytes, bytesFree: free)
    }

    /// The path without links and dots.
    static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func names(in directory: String) throws(BackupError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw .unusable(path: directory, reason: "its entries cannot be read")
        }
    }

    /// A directory of that name and time, or, where there is one, of the next second that has none.
    static func inTime(_ milliseconds: Int64, _ make: (_ name: String) -> CInt) throws(BackupError) -> String {
        for second in 0..<60 as Range<Int64> {
            let name = timeName(seconds: milliseconds / 1000 + second)
            if make(name) == 0 { return name }
            guard [EEXIST, ENOTEMPTY].contains(errno) else { throw .failed("be made", name) }
        }
        throw .failed("be made", timeName(seconds: milliseconds / 1000), code: EEXIST)
    }

    /// `2026-11-25T02-37-00Z`: names in the order of their times.
    static func timeName(seconds: Int64) -> String {
        var seconds = time_t(seconds)
        var civil = tm()
        gmtime_r(&seconds, &civil)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            strftime(text.baseAddress, text.count, "%Y-%m-%dT%H-%M-%SZ", &civil)
            return text.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    static func isTimeName(_ name: String) -> Bool {
        String(name.map { "0"..."9" ~= $0 ? "0" : $0 }) == "0000-00-00T00-00-00Z"
    }

    /// Makes a directory anew, in place of one that a process left behind which had ended too early.
    static func makeWorkingDirectory(_ path: String) throws(BackupError) {
        try removeDirectory(path)
        guard mkdir(path, 0o700) == 0 else { throw .failed("be created", path) }
        // Whatever the umask says, and a default access list.
        guard chmod(path, 0o700) == 0 else { throw .failed("be given its mode", path) }
    }

    /// Removes a directory and the files of a data directory that it holds; it is none where it holds others.
    static func removeDirectory(_ path: String) throws(BackupError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unusable(path: path, reason: "is in the way; see what it is, and remove it")
        }
        for name in DataFiles.names { unlink("\(path)/\(name)") }
        guard rmdir(path) == 0 else {
            throw .unusable(
                path: path,
                reason: "cannot be removed (\(String(cString: strerror(errno)))); see what it holds, and remove it")
        }
    }

    /// How long a file is; throws where it is a pipe, or another thing that ends nowhere.
    static func byteCount(ofRegular descriptor: CInt, _ path: String) throws(BackupError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unusable(path: path, reason: "is not a regular file")
        }
        return Int64(status.st_size)
    }

    /// Makes an empty file, where there is none.
    static func make(_ path: String) throws(BackupError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .failed("be made", path) }
        close(descriptor)
    }

    /// Copies a file to one that is not there yet, byte for byte, and has it on disk.
    static func copy(_ source: String, to target: String) throws(BackupError) {
        // Without O_NONBLOCK a pipe would make this wait for a writer.
        let reading = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard reading >= 0 else { throw .failed("be opened", source) }
        defer { close(reading) }
        _ = try byteCount(ofRegular: reading, source)
        try copy(reading, source, to: target)
    }

    /// The same, from where the descriptor of `source` stands.
    static func copy(_ reading: CInt, _ source: String, to target: String) throws(BackupError) {
        let writing = open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard writing >= 0 else { throw .failed("be created", target) }
        defer { close(writing) }
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let count = read(reading, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw inputOutput("be read", source) }
            guard count > 0 else { break }
            try write(chunk[..<count], to: writing, target)
        }
        guard fsync(writing) == 0 else { throw inputOutput("be synced", target) }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: CInt, _ path: String) throws(BackupError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .failed("be written", path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func inputOutput(_ action: String, _ path: String) -> BackupError {
        .inputOutput(path: path, reason: "cannot \(action) (\(String(cString: strerror(errno))))")
    }

    /// Has on disk what was written into a file or directory, and what names a directory has.
    static func sync(_ path: String) throws(BackupError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed("be opened", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw inputOutput("be synced", path) }
    }
}
