import Foundation

/// What other libraries make of the same numbers: `reference.py`, run by Debian's Python, which has them.
enum Reference {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The lines of one of the script's kinds, each a row of numbers.
    static func rows(_ kind: String) throws -> [[Double]] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("reference.py")
        let text = try output("/usr/bin/python3 -B \(quoted(script.path)) \(kind)")
        return try text.split(separator: "\n").map { line in
            try line.split(separator: " ").map { word in
                guard let number = Double(word) else { throw Failure(description: "no number: \(line)") }
                return number
            }
        }
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
