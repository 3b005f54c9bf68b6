import ConfigurationFile
import Glibc

extension KeyFile {
    /// The most that a key file may hold: 1 MiB.
    public static let bytesMax = 1 << 20

    /// Reads the file, which must be a regular one (or a link to one) and hold at most `bytesMax`.
    public func contents() throws(ConfigurationError) -> [UInt8] {
        // Without O_NONBLOCK a pipe put in the file's place would make this wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw error("cannot be opened: \(Self.reason(code)). \(Self.remedy(code))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw error("is not a regular file. Name the file that holds the key")
        }
        return try read(descriptor)
    }

    /// An error about this file, placed where the configuration names it.
    func error(_ message: String) -> ConfigurationError {
        ConfigurationError(file: configurationFile, line: line, message: "the key file \(path) \(message)")
    }

    private func read(_ descriptor: Int32) throws(ConfigurationError) -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while contents.count <= Self.bytesMax {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw error("cannot be read: \(Self.reason(errno))") }
            guard count > 0 else { return contents }
            contents += chunk[..<count]
        }
        throw error("holds more than 1 MiB. Name a file that holds nothing but the key")
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case ENOENT: "Write it, or name another; what was there before comes from a backup"
        case EACCES: "Give it a group that this process is in, and mode 0640"
        default: "Name a file that this process's user may read"
        }
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
