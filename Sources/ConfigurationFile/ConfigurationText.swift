import Glibc

/// The configuration, or a file of rules that it names, as bytes on disk.
enum ConfigurationText {
    /// Far beyond any honest configuration, and small enough to read whole.
    static let bytesMax = 1 << 20

    /// The file's text. `missing` says what to do when there is no such file.
    static func text(path: String, missing: String) throws(ConfigurationErrors) -> String {
        let bytes = try bytes(path: path, missing: missing)
        guard bytes.count <= bytesMax else {
            throw failure(path, nil, "is over \(bytesMax) bytes: a configuration is shorter; is it the right file?")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure(path, invalidLine(bytes), "holds a byte that is not UTF-8: save the file as UTF-8")
        }
        return text
    }

    /// Reads the file, but never more than one byte over the limit, so that a device or a pipe without end is
    /// refused too.
    private static func bytes(path: String, missing: String) throws(ConfigurationErrors) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, nil, explanation(errno, missing: missing)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= bytesMax {
            let count = read(descriptor, &chunk, min(chunk.count, bytesMax + 1 - bytes.count))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, nil, explanation(errno, missing: missing)) }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return bytes
    }

    private static func explanation(_ code: Int32, missing: String) -> String {
        switch code {
        case ENOENT: "does not exist: \(missing)"
        case EACCES: "may not be read by this user: give it a group that this process is in, and mode 0640"
        case EISDIR: "is a directory: name the file in it"
        default: "cannot be read: \(String(cString: strerror(code)))"
        }
    }

    /// The line of the first byte that is not UTF-8.
    private static func invalidLine(_ bytes: [UInt8]) -> Int {
        var line = 1
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" { line += 1 }
        }
        return line
    }

    private static func failure(_ path: String, _ line: Int?, _ message: String) -> ConfigurationErrors {
        ConfigurationErrors([ConfigurationError(file: path, line: line, message: message)])
    }
}
