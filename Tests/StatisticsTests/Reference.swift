import TestSupport

/// What other libraries make of the same numbers: `reference.py`, run by Debian's Python, which has them.
enum Reference {
    /// The lines of one of the script's kinds, each a row of numbers.
    static func rows(_ kind: String) throws -> [[Double]] {
        let text = try DebianPython.output(of: "reference.py", [kind], beside: #filePath)
        return try text.split(separator: "\n").map { line in
            try line.split(separator: " ").map { word in
                guard let number = Double(word) else {
                    throw DebianPython.Failure(description: "no number: \(line)")
                }
                return number
            }
        }
    }
}
