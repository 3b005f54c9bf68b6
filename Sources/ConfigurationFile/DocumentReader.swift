import Records
import Yams

/// Walks the nodes of a file and turns them into values, noting every mistake on the way.
///
/// A function that reads something returns nil when it has noted why, or when the key is not there at all and need
/// not be. So reading goes on after a mistake, and one mistake is not reported as several.
protocol DocumentReader {
    /// All sections that the file may have.
    static var sections: [any Keys.Section.Type] { get }
    var source: YAMLSource { get }
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
        note(entry.valueLine, "\(entry.title) must be \(expected), \(found)\(doubt(of: entry) ?? "")")
    }

    /// The end of a sentence about a value that a comment may have cut; nil for any other.
    func doubt(of entry: Entry) -> String? {
        guard case .scalar(let scalar) = entry.value, source.isDoubtful(endOf: scalar) else { return nil }
        return "; a `#` behind a space begins a comment there: if that belongs to it, put the whole in quotes"
    }

    /// The section that is the value of `entry`, its unknown keys refused.
    mutating func section<Key>(_ entry: Entry, titled title: String, _ keys: Key.Type) -> Section<Key>? {
        guard let written = entries(of: entry, titled: title) else { return nil }
        var entries: [Key: Entry] = [:]
        for entry in written {
            if let key = Key(rawValue: entry.key) {
                entries[key] = entry
            } else {
                let remedy = Suggestion.remedy(for: entry.key, in: keys, of: Self.sections)
                note(entry.line, "there is no key \(entry.key.shown) in \(title): \(remedy)")
            }
        }
        return Section(title: title, line: entry.line, entries: entries)
    }

    /// The keys of a section with their values, whatever they are called, each key once.
    mutating func entries(of entry: Entry, titled title: String) -> [Entry]? {
        guard case .mapping(let mapping) = entry.value else {
            let found = "not \(kind(of: entry.value))\(doubt(of: entry) ?? "")"
            note(entry.valueLine, "\(title) must be a section, lines of `key: value` indented beneath it, \(found)")
            return nil
        }
        var entries: [Entry] = []
        var lines: [OpaqueID: Int?] = [:]
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                note(key.mark?.line, "a key in \(title) must be a name, not \(kind(of: key))")
                continue
            }
            let entry = Entry(key: YAMLDocument.name(ofKey: scalar.string), line: key.mark?.line, value: value)
            if let earlier = lines.updateValue(entry.line, forKey: OpaqueID(entry.key)) {
                noteRepeat(entry, earlierLine: earlier, in: title)
            } else {
                entries.append(entry)
            }
        }
        return entries
    }

    /// The entry of a key that must be there; `expected` says what it would be.
    mutating func required<Key>(_ key: Key, of section: Section<Key>, as expected: String) -> Entry? {
        if let entry = section[key] { return entry }
        note(section.line, "\(section.title) lacks the key `\(key.rawValue)`: add it, \(expected)")
        return nil
    }

    /// What an error calls the type of a value.
    func kind(of node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.isMissing ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a section"
        case .alias: "an alias"
        }
    }

    private mutating func noteRepeat(_ entry: Entry, earlierLine: Int?, in title: String) {
        let earlier = earlierLine.map { "on line \($0)" } ?? "further up"
        note(entry.line, "\(entry.key.shown) is given in \(title) already, \(earlier): keep one of them")
    }
}

extension Node.Scalar {
    /// YAML's null: nothing after the colon, or `~`.
    var isMissing: Bool {
        style == .plain && (string.isEmpty || string == "~")
    }
}

extension DocumentReader {
    /// A single value as it was written, which is in one line and not empty. `expected` says what it must be.
    mutating func text(_ entry: Entry, _ expected: String) -> String? {
        guard case .scalar(let scalar) = entry.value, !scalar.isMissing else {
            note(entry, mustBe: expected, "not \(kind(of: entry.value))")
            return nil
        }
        guard !scalar.string.isEmpty else {
            note(entry, mustBe: expected, "not empty")
            return nil
        }
        guard !scalar.string.unicodeScalars.contains(where: \.isControl) else {
            note(entry, mustBe: expected, "in one line and without control characters")
            return nil
        }
        return scalar.string
    }

    /// The same of a value that may be any text, which nothing else shows to have been cut.
    mutating func freeText(_ entry: Entry, _ expected: String) -> String? {
        guard let text = text(entry, expected) else { return nil }
        if doubt(of: entry) != nil {
            warn(
                entry.valueLine,
                "\(entry.title) is \(text.shown), since a `#` behind a space begins a comment: if that belongs to it, put the "
                    + "whole in quotes; if not, put a space behind the `#`")
        }
        return text
    }

    /// A single value that stands there without quotes, as numbers and truth values do.
    private mutating func plainText(_ entry: Entry, _ expected: String) -> String? {
        guard let text = text(entry, expected) else { return nil }
        guard case .scalar(let scalar) = entry.value, scalar.style == .plain else {
            note(entry, mustBe: expected, "without quotes")
            return nil
        }
        return text
    }

    mutating func wholeNumber(_ entry: Entry?, in range: ClosedRange<Int>) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let entry, let text = plainText(entry, expected) else { return nil }
        guard text.utf8.allSatisfy(\.isDigit), let number = Int(text), range.contains(number) else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        // A leading zero makes a number octal to some readers of YAML and decimal to others.
        guard !text.hasPrefix("0") || text == "0" else {
            note(entry, mustBe: expected, "without a zero at its front, not \(text.shown)")
            return nil
        }
        return number
    }

    /// In digits, with or without a point.
    mutating func decimalNumber(_ entry: Entry?, in range: ClosedRange<Double>) -> Double? {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        guard let entry, let text = plainText(entry, expected) else { return nil }
        let isDecimal = text.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
        guard isDecimal, let number = Double(text), range.contains(number) else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        return number
    }

    mutating func flag(_ entry: Entry?) -> Bool? {
        guard let entry, let text = plainText(entry, "true or false") else { return nil }
        guard let flag = Bool(text) else {
            note(entry, mustBe: "true or false", "not \(text.shown)")
            return nil
        }
        return flag
    }

    /// One of the values that a type has, by name.
    mutating func choice<Value>(_ entry: Entry?, of values: Value.Type) -> Value?
    where Value: RawRepresentable<String> & CaseIterable {
        let expected = "one of " + values.allCases.map(\.rawValue).joined(separator: ", ")
        guard let entry, let text = text(entry, expected) else { return nil }
        guard let value = Value(rawValue: text) else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        return value
    }

    /// The elements of a list, each read by `read` and there only once; nil when one of them is wrong. `expected`
    /// says what the list must be.
    mutating func members<Value: Hashable>(
        _ entry: Entry, _ expected: String, read: (inout Self, Entry) -> Value?
    ) -> [Value]? {
        guard case .sequence(let nodes) = entry.value else {
            note(entry, mustBe: expected, "not \(kind(of: entry.value))")
            return nil
        }
        var members: [Value] = []
        var lines: [Value: Int?] = [:]
        for node in nodes {
            let element = Entry(elementOf: entry, node)
            guard let member = read(&self, element) else { continue }
            if let earlier = lines.updateValue(element.valueLine, forKey: member) {
                let place = earlier.map { "on line \($0)" } ?? "further up"
                note(element.valueLine, "this value of \(entry.title) is listed already, \(place): take one out")
            }
            members.append(member)
        }
        return members.count == nodes.count ? members : nil
    }

    /// Refuses a key that cannot be the name of what `kind` says, such as "a site".
    mutating func checkName(_ entry: Entry, of kind: String) {
        let bytes = entry.key.utf8
        // As long as a site's name may be in a record.
        if !(1...Limits.siteBytesMax).contains(bytes.count) || !bytes.allSatisfy({ isNameByte($0) }) {
            let expected = "1 to \(Limits.siteBytesMax) of a-z, A-Z, 0-9, `.`, `_` and `-`"
            note(entry.line, "\(kind)'s name must be \(expected), not \(entry.key.shown)")
        }
    }

    /// The bytes of the names of sites, groups and accounts.
    func isNameByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || "._-".utf8.contains(byte)
    }
}

extension UInt8 {
    /// In ASCII.
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
