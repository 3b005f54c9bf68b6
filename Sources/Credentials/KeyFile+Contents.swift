import ConfigurationFile
import Glibc

// What is in a key file, and who may get at it. The type is the configuration's, which only names such files, so that a process
// without need of secrets needs no permission to read them.

extension KeyFile {
    /// The most that a key file may hold: 1 MiB.
    public static let bytesMax = 1 << 20

    /// Reads the file, which must be a regular one (or a link to one) and hold at most `bytesMax`.
    public func contents() throws(ConfigurationError) -> [UInt8] {
        // Without O_NONBLOCK a pipe put in the file's place would make this wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw error("cannot be opened: \(Self.reason(code)). \(remedy(code))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw error("is not a regular file. Name the file that holds the key")
        }
        return try read(descriptor)
    }

    /// An error about this file, placed where the configuration names it.
    public func error(_ message: String) -> ConfigurationError {
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

    private func remedy(_ code: Int32) -> String {
        switch (code, source) {
        case (ENOENT, let source?):
            "'rule-outcomes fetch-keys' writes it, with what \(source.shown) answers; run that, and see what it says"
        case (EACCES, _?): "It needs mode 0644, and its directory 0755"
        default: Self.remedy(code)
        }
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

    /// What is risky about who may get at the file: everybody may read a secret, or somebody besides its owner may put
    /// a key of theirs in its place. A public key may be written by its group, which then is trusted with it.
    ///
    /// Says nothing of a file that is not there: whoever reads it does.
    public func permissionWarnings(holdsSecret: Bool) -> [ConfigurationError] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        let mode = status.st_mode
        var warnings: [ConfigurationError] = []
        if holdsSecret, mode & S_IROTH != 0 {
            warnings.append(error("holds a secret that every user of this machine may read: run 'chmod o-r \(path)'"))
        }
        if mode & S_IWOTH != 0 {
            warnings.append(error("may be replaced by every user of this machine: run 'chmod go-w \(path)'"))
        } else if holdsSecret, mode & S_IWGRP != 0 {
            warnings.append(error("holds a secret that its group may replace: run 'chmod g-w \(path)'"))
        }
        return warnings
    }
}

/// How the text of a key file is written, as editors and shells of different systems write it.
enum TextEncoding {
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    static func hasByteOrderMark(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: byteOrderMark)
    }

    /// The bytes behind UTF-8's byte order mark, where they begin with one.
    static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
        hasByteOrderMark(bytes) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
    }

    /// Whether the bytes are UTF-16 of either order whose characters are Latin ones, so that every other byte is zero.
    static func isUTF16(_ bytes: [UInt8]) -> Bool {
        let isMarked = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        let units = isMarked ? bytes.dropFirst(2) : bytes[...]
        guard units.count >= 2, units.count.isMultiple(of: 2) else { return false }
        return [0, 1].contains { place in
            units.enumerated().allSatisfy { ($0.offset % 2 == place) == ($0.element == 0) }
        }
    }

    /// Whether the bytes are UTF-8 without control characters but line ends and tabs, which random bytes hardly ever are.
    static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
            && String(validating: bytes, as: UTF8.self) != nil
    }
}

extension KeyFile {
    /// What of the form of the text is part of the secret in this file, though whoever copies it elsewhere easily leaves
    /// it out: white space at the end, a byte order mark, the zeros of UTF-16. The newline that ends a line is no such.
    ///
    /// - Parameter advice: What to do about it.
    func textWarnings(of contents: [UInt8], advice: String) -> [ConfigurationError] {
        if TextEncoding.isUTF16(contents) {
            return [error("holds UTF-16, whose every other byte is zero and counts as part of the secret. \(advice)")]
        }
        var warnings: [ConfigurationError] = []
        if TextEncoding.hasByteOrderMark(contents) {
            warnings.append(error("begins with a byte order mark, which counts as part of the secret. \(advice)"))
        }
        guard TextEncoding.isText(contents) else { return warnings }
        if contents.suffix(2).elementsEqual("\r\n".utf8) {
            warnings.append(error("ends in CR LF, and the CR counts as part of the secret. \(advice)"))
        } else if let last = contents.dropLast(contents.last == UInt8(ascii: "\n") ? 1 : 0).last, last <= 0x20 {
            warnings.append(error("has white space at its end, which counts as part of the secret. \(advice)"))
        }
        return warnings
    }
}
