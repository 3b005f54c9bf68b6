/// What makes an id or a name evidently a mistake of the page that sends it. Such records count like any other; the operator
/// is told how many there are.
public enum EvidentMistake: String, Sendable, CaseIterable {
    /// `{{ruleId}}`, `${ruleId}`, `<%= ruleId %>`: a template that nobody filled in.
    case template
    /// `undefined`: a script's variable that was never set.
    case undefined
    /// `null`.
    case null
    /// `[object Object]`: a script's object in the place of its text.
    case object
    /// Nothing but spaces.
    case blank

    /// nil for a text that may be meant so. Spaces around it do not matter.
    public init?(_ text: String) {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else {
            self = .blank
            return
        }
        let trimmed = text[first...last].utf8
        if trimmed.elementsEqual("undefined".utf8) {
            self = .undefined
        } else if trimmed.elementsEqual("null".utf8) {
            self = .null
        } else if trimmed.starts(with: "[object ".utf8), trimmed.last == UInt8(ascii: "]") {
            self = .object
        } else if Self.templateMarks.contains(where: { Self.holds(trimmed, $0, then: $1) }) {
            self = .template
        } else {
            return nil
        }
    }

    /// What is wrong, in words for who writes the page.
    public var explanation: String {
        switch self {
        case .template: "a template that nobody filled in"
        case .undefined: "undefined, as of a variable of a script that was never set"
        case .null: "null, as of a value that is missing"
        case .object: "an object of a script in the place of its text"
        case .blank: "nothing but spaces"
        }
    }

    private static let templateMarks = [("{{", "}}"), ("${", "}"), ("<%", "%>")]

    private static func holds(_ text: Substring.UTF8View, _ opening: String, then closing: String) -> Bool {
        text.firstRange(of: opening.utf8).map { text[$0.upperBound...].firstRange(of: closing.utf8) != nil } ?? false
    }
}

extension Event {
    /// What a record is made of that pages choose, as requests name it.
    public enum Field: String, Sendable, CaseIterable {
        case ruleID = "ruleId"
        case outcomeID = "outcomeId"
        case conversion
    }

    /// Those of its fields that are evidently mistakes.
    public var mistakes: [(field: Field, mistake: EvidentMistake)] {
        let fields: [(Field, String?)] = [(.ruleID, ruleID), (.outcomeID, outcomeID), (.conversion, conversionName)]
        return fields.compactMap { field, text in text.flatMap { EvidentMistake($0) }.map { (field, $0) } }
    }
}
