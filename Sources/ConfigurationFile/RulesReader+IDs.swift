extension RulesReader {
    /// What an id is of. Each is as long as the endpoint takes it.
    enum IDKind {
        case rule, feature, outcome, conversion

        var bytesMax: Int {
            switch self {
            case .rule, .feature, .conversion: 256
            case .outcome: 1024
            }
        }

        var title: String {
            switch self {
            case .rule: "the id of a rule version"
            case .feature: "the id of a feature"
            case .outcome: "the id of an outcome"
            case .conversion: "the name of a conversion"
            }
        }
    }

    static let nameCharactersMax = 200

    /// The id that is the key of `entry`.
    mutating func id(ofKey entry: Entry, _ kind: IDKind) -> OpaqueID? {
        guard let fault = fault(in: entry.key, kind) else { return OpaqueID(entry.key) }
        note(entry.line, "\(kind.title) must be \(fault)")
        return nil
    }

    /// The id that is the value of `entry`.
    mutating func id(_ entry: Entry, _ kind: IDKind) -> OpaqueID? {
        guard let text = text(entry, kind.title) else { return nil }
        guard let fault = fault(in: text, kind) else { return OpaqueID(text) }
        note(entry, mustBe: kind.title, fault)
        return nil
    }

    /// What people call something.
    mutating func name(_ entry: Entry) -> String? {
        let expected = "a name of 1 to \(Self.nameCharactersMax) characters"
        guard let text = text(entry, expected) else { return nil }
        let count = text.unicodeScalars.count
        guard count <= Self.nameCharactersMax else {
            note(entry, mustBe: expected, "not of \(count)")
            return nil
        }
        return text
    }

    /// Why the endpoint would never take a text as an id, as a sentence's end; nil when it would.
    private func fault(in text: String, _ kind: IDKind) -> String? {
        if text.unicodeScalars.contains(where: \.isControl) { return "without control characters, not \(text.shown)" }
        let count = text.utf8.count
        return (1...kind.bytesMax).contains(count) ? nil : "of 1 to \(kind.bytesMax) bytes in UTF-8, not \(count)"
    }
}
