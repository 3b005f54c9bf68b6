import Foundation

/// Debian's Python, for what a test compares with: it has another hand's code, and the packages that the Makefile names.
public enum DebianPython {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) {
            self.description = description
        }
    }

    /// What a script prints. It stands beside the test, whose `#filePath` is `test`.
    public static func output(of script: String, _ arguments: [String] = [], beside test: String) throws -> String {
        let path = URL(fileURLWithPath: test).deletingLastPathComponent().appendingPathComponent(script).path
        let words = ["/usr/bin/python3", "-B", path] + arguments
        return try output(words.map(quoted).joined(separator: " "))
    }

    private static func quoted(_ argument: String) -> String {
        "'\(argument.replacingOccurrences(of: "'", with: #"'\''"#))'"
    }

    /// What a shell's command prints. Foundation's `Process` would be the other way; it is not to be relied on here.
    private static func output(_ command: String) throws -> String {
        guard let stream = popen(command, "r") else { throw Failure(description: "cannot start \(command)") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { bytes += chunk.prefix(count) }
        let status = pclose(stream)
        guard status == 0 else {
            throw Failure(description: "\(command): status \(status); run `make deps`' list for the tests: `make test`")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
