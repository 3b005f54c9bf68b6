import Yams

/// Walks the nodes of a file and turns them into values, noting every mistake on the way.
///
/// A function that reads something returns nil when it has noted why, or when the key is not there at all and need
/// not be. So reading goes on after a mistake, and one mistake is not reported as several.
protocol DocumentReader {
    /// All sections that the file may have.
    static var sections: [any Keys.Section.Type] { get }
    var notes: Notes { get set }
}

extension DocumentReader {
    mutating func note(_ line: Int?, _ message: String) {
        notes.addError(line, message)
    }

    /// Notes what is risky though valid. Warnings are kept only where there is no mistake.
    mutating func warn(_ line: Int?, _ message: String) {
        notes.addWarning(line, message)
    }

    /// Notes that a value is not what it must be. `found` must hold nothing of a value that may be secret.
    mutating func note(_ entry: Entry, mustBe expected: String, _ found: String) {
        note(entry.valueLine, "\(entry.title) must be \(expected), \(found)")
    }
}
