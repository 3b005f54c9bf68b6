import Glibc

extension ConfigurationReader {
    /// What `sun_path` holds, less its terminating NUL: unix(7).
    static let socketPathBytesMax = 107
    /// `PATH_MAX`, less the terminating NUL.
    static let pathBytesMax = 4095

    /// The absolute path of the directory that `file` is in.
    static func directory(of file: String) -> String {
        var start = ""
        if !file.hasPrefix("/"), let current = getcwd(nil, 0) {
            defer { free(current) }
            start = String(cString: current)
        }
        return "/" + components(of: start + "/" + file).dropLast().joined(separator: "/")
    }

    /// `..` stays: which directory it means depends on symbolic links.
    private static func components(of path: String) -> [Substring] {
        path.split(separator: "/").filter { $0 != "." }
    }

    func resolved(_ path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : directory + "/" + path
        return "/" + Self.components(of: absolute).joined(separator: "/")
    }

    /// The path of a directory, or of a file that another function describes in `expected`.
    mutating func path(_ entry: Entry, _ expected: String) -> String? {
        guard let text = text(entry, expected) else { return nil }
        let path = resolved(text)
        guard path.utf8.count <= Self.pathBytesMax else {
            note(entry, mustBe: expected, "of at most \(Self.pathBytesMax) bytes")
            return nil
        }
        return path
    }

    /// The path of a file that holds a secret or a key. No error shows it, since it may be the secret itself.
    mutating func keyFile(_ entry: Entry) -> KeyFile? {
        let expected = "the path of a file, not what is in it"
        guard let path = path(entry, expected) else { return nil }
        // A key pasted over several lines without quotes is one line of text to YAML.
        guard !path.contains("-----BEGIN") else {
            note(entry, mustBe: expected, "so put the key into a file of its own")
            return nil
        }
        return KeyFile(path: path, configurationFile: notes.file, line: entry.valueLine)
    }

    mutating func socket(_ entry: Entry) -> String? {
        let expected = "the path of a Unix socket, such as `/run/rule-outcomes/\(entry.key).sock`"
        guard let text = text(entry, expected) else { return nil }
        return socket(at: text, entry, expected)
    }

    /// Checks the path of a Unix socket that stands in `entry`, and that no other has it.
    mutating func socket(at text: String, _ entry: Entry, _ expected: String) -> String? {
        guard !text.isEmpty, !text.hasSuffix("/") else {
            note(entry, mustBe: expected, "not a directory")
            return nil
        }
        let path = resolved(text)
        guard path.utf8.count <= Self.socketPathBytesMax else {
            let count = "of at most \(Self.socketPathBytesMax) bytes from the first `/` on, not \(path.utf8.count)"
            note(entry, mustBe: expected, count)
            return nil
        }
        if let other = sockets[path] {
            let line = other.line.map { " on line \($0)" } ?? ""
            note(entry.valueLine, "\(entry.title) has the path of \(other.title)\(line): give each socket its own")
        }
        sockets[path] = entry
        return path
    }
}
