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
        var trimmed = text[first...last]
        guard let mistake = trimmed.withUTF8({ Self.mistake(in: $0) }) else { return nil }
        self = mistake
    }

    private static func mistake(in text: UnsafeBufferPointer<UInt8>) -> EvidentMistake? {
        if text.elementsEqual("undefined".utf8) { return .undefined }
        if text.elementsEqual("null".utf8) { return .null }
        if text.starts(with: "[object ".utf8), text.last == UInt8(ascii: "]") { return .object }
        return holdsTemplate(text) ? .template : nil
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

    /// Whether it has `{{` and then `}}`, `${` and then `}`, or `<%` and then `%>`. Each record's texts are looked at, and a
    /// general search for a text in a text cost two thirds of an aggregator's time.
    private static func holdsTemplate(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var (isInBraces, isInDollar, isInTag) = (false, false, false)
        var previous: UInt8 = 0
        for byte in text {
            switch (previous, byte) {
            case (UInt8(ascii: "{"), UInt8(ascii: "{")): isInBraces = true
            case (UInt8(ascii: "$"), UInt8(ascii: "{")): isInDollar = true
            case (UInt8(ascii: "<"), UInt8(ascii: "%")):
                isInTag = true
                // A tag that is not empty: the same sign does not close it.
                previous = 0
                continue
            case (UInt8(ascii: "}"), UInt8(ascii: "}")) where isInBraces: return true
            case (_, UInt8(ascii: "}")) where isInDollar: return true
            case (UInt8(ascii: "%"), UInt8(ascii: ">")) where isInTag: return true
            default: break
            }
            previous = byte
        }
        return false
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
