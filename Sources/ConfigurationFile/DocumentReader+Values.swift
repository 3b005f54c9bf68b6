import Yams

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
        guard text.utf8.allSatisfy(isDigit), let number = Int(text), range.contains(number) else {
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
        let isDecimal = text.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
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

    func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
