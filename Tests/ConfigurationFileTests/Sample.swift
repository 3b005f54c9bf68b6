import ConfigurationFile

/// A configuration without mistakes, to which a test adds what it is about.
enum Sample {
    /// Where the text is said to stand, so that relative paths start from `/etc/rule-outcomes`.
    static let file = "/etc/rule-outcomes/config.yaml"

    /// The responder's lines begin with line 2. With no line added the aggregator's begin with line 5 and those of
    /// the site with line 10.
    static func text(
        listen: String = "unix:/run/responder.sock", responder: [String] = [], aggregator: [String] = [],
        site: [String] = ["origins: []", "session: nginx"]
    ) -> String {
        let lines =
            ["responder:", "  listen: \(listen)", "  subjectSecret: subject.secret"] + responder.map { "  " + $0 }
            + ["aggregator:", "  socket: /run/aggregator.sock", "  analyticsSocket: /run/analytics.sock"]
            + ["  dataDirectory: /var/lib/rule-outcomes"] + aggregator.map { "  " + $0 }
            + ["sites:", "  default:"] + site.map { "    " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The lines of a site with sessions and, in its `jwt` section, which is on line 12, these.
    static func jwt(_ lines: [String]) -> String {
        text(site: ["origins: []", "session: nginx", "jwt:"] + lines.map { "  " + $0 })
    }

    static func configuration(_ text: String) throws -> Configuration {
        try Configuration.parse(text: text, file: file)
    }

    static func site(_ lines: [String]) throws -> SiteConfiguration? {
        try configuration(text(site: lines)).sites["default"]
    }

    /// Every warning of `text`, which has no mistake, as `line: message`.
    static func warnings(_ text: String) throws -> [String] {
        try configuration(text).warnings.map { warning in "\(warning.line ?? 0): \(warning.message)" }
    }

    /// Every mistake in `text` as `line: message`, without the line where there is none.
    static func mistakes(_ text: String) -> [String] {
        do {
            _ = try Configuration.parse(text: text, file: file)
            return []
        } catch {
            return error.errors.map { error in
                error.line.map { "\($0): \(error.message)" } ?? error.message
            }
        }
    }
}

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
