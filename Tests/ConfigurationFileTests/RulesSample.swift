import ConfigurationFile

/// A file of rules without mistakes, to which a test adds what it is about.
enum RulesSample {
    static let file = "/etc/rule-outcomes/rules.yaml"
    static let sites: Set = ["default", "shop"]

    /// The lines of the one rule, `article-22`, begin with line 5.
    static func text(site: [String] = [], rule: [String] = []) -> String {
        let lines =
            ["sites:", "  default:"] + site.map { "    " + $0 } + ["    rules:", "      article-22:"]
            + rule.map { "        " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The lines of the one group, `autumn`, begin with line 7, those of its outcomes with line 8.
    static func group(
        outcomes: [String] = ["a: 50", "b: 50"], _ lines: [String] = ["baseline: a", "conversion: CUSTOMER"]
    ) -> String {
        let outcomes = outcomes.map { "      " + $0 }
        return text(rule: ["groups:", "  autumn:", "    outcomes:"] + outcomes + lines.map { "    " + $0 })
    }

    static func rules(_ text: String) throws -> Rules {
        try Rules.parse(text: text, file: file, sites: sites)
    }

    static func rule(_ lines: [String]) throws -> DeclaredRule? {
        try rules(text(rule: lines)).sites["default"]?.rules["article-22"]
    }

    /// Every mistake in `text` as `line: message`, without the line where there is none.
    static func mistakes(_ text: String) -> [String] {
        do {
            _ = try rules(text)
            return []
        } catch {
            let errors = (error as? ConfigurationErrors)?.errors ?? []
            return errors.map { error in error.line.map { "\($0): \(error.message)" } ?? error.message }
        }
    }
}
