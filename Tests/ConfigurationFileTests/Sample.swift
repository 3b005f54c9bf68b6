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
