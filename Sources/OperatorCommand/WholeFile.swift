import Glibc

/// A file that is read, and exchanged, as a whole.
enum WholeFile {
    /// The system's number of what went wrong.
    struct Failure: Error, Equatable {
        let code: Int32

        var reason: String { String(cString: strerror(code)) }
    }

    /// All that the file at `path` holds; of one that holds more than `bytesMax`, a little more than that, whatever its end.
    static func contents(of path: String, bytesMax: Int) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        while bytes.count <= bytesMax {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(code: errno) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// Puts `contents` in the place of the file at `path`, which has a directory in it. They are on the disk when this returns, and
    /// whoever reads it meanwhile reads all of one or the other. Where root does this the file is its directory's owner's, who would
    /// not be able to go on with it otherwise.
    static func replace(_ path: String, with contents: [UInt8], mode: mode_t) throws(Failure) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let (directory, name) = (path[..<slash], path[slash...].dropFirst())
        var temporary = Array("\(directory)/.\(name).XXXXXX".utf8CString)
        let descriptor = mkstemp(&temporary)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        guard fill(descriptor, with: contents), fchmod(descriptor, mode) == 0,
            give(descriptor, toOwnerOf: String(directory)), fsync(descriptor) == 0, rename(temporary, path) == 0
        else {
            let code = errno
            unlink(temporary)
            throw Failure(code: code)
        }
        try sync(directory)
    }

    /// False with the reason in `errno`.
    private static func fill(_ descriptor: Int32, with contents: [UInt8]) -> Bool {
        var rest = contents[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 || errno == EINTR else { return false }
            rest = rest.dropFirst(max(count, 0))
        }
        return true
    }

    /// False with the reason in `errno`.
    private static func give(_ descriptor: Int32, toOwnerOf directory: String) -> Bool {
        guard geteuid() == 0 else { return true }
        var status = stat()
        return stat("\(directory)/", &status) == 0 && fchown(descriptor, status.st_uid, status.st_gid) == 0
    }

    private static func sync(_ directory: Substring) throws(Failure) {
        let descriptor = open("\(directory)/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(code: errno) }
    }
}
