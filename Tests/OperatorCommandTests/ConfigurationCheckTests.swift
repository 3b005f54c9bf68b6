import ConfigurationFile
import Foundation
import Testing

@testable import OperatorCommand

/// A configuration in a folder of its own, which is removed at the end.
@Suite final class ConfigurationCheckTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("check-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func path(_ name: String) -> String {
        folder.appendingPathComponent(name).path
    }

    private func write(_ name: String, bytes: Int, mode: mode_t = 0o600) throws {
        try Data(repeating: UInt8(ascii: "x"), count: bytes).write(to: folder.appendingPathComponent(name))
        chmod(path(name), mode)
    }

    private func configuration(_ site: String, _ more: String = "") throws -> Configuration {
        let text = """
            responder:
              listen: unix:responder.sock
              subjectSecret: subject.secret
            aggregator:
              socket: aggregator.sock
              analyticsSocket: analytics.sock
              dataDirectory: data
            sites:
              default:
                \(site)
                origins: []
                credentials: {accept: [session, bearer]}
                jwt: {secret: jwt.secret, algorithms: [HS256]}
            \(more)
            """
        return try Configuration.parse(text: text, file: path("config.yaml"))
    }

    /// What is found with a second site, whose keys are on lines 19 and 20.
    private func check() throws -> ConfigurationCheck {
        let other = """
              other:
                origins: []
                session: nginx
                credentials: {accept: [session, bearer]}
                jwt:
                  publicKey: other.pem
                  jwks: other.jwks
                  algorithms: [RS256]
            """
        return ConfigurationCheck(try configuration("session: nginx", other))
    }

    /// What is found where all files are sound, with these lines of rules beneath the key `rules` of the site.
    private func check(rules: String?) throws -> ConfigurationCheck {
        try write("subject.secret", bytes: 32)
        try write("jwt.secret", bytes: 32)
        if let rules {
            let text = "sites:\n  default:\n    rules:\n\(rules)"
            try Data(text.utf8).write(to: folder.appendingPathComponent("rules.yaml"))
        }
        return ConfigurationCheck(try configuration("session: nginx", "rules: rules.yaml"))
    }

    @Test("a time zone that there is not is no mistake, and the console goes by UTC")
    func timeZone() throws {
        try write("subject.secret", bytes: 32)
        try write("jwt.secret", bytes: 32)
        let unknown = ConfigurationCheck(try configuration("session: nginx\n    timeZone: Europe/Berlinn"))
        #expect(unknown.errors.isEmpty)
        #expect(unknown.warnings.contains { $0.message.contains("`sites.default.timeZone` is 'Europe/Berlinn'") })
        let known = ConfigurationCheck(try configuration("session: nginx\n    timeZone: Europe/Berlin"))
        #expect(!known.warnings.contains { $0.message.contains("timeZone") })
    }

    /// The epoch that the data directory has, as 32 digits.
    private func write(epoch: String) throws {
        try FileManager.default.createDirectory(atPath: path("data"), withIntermediateDirectories: true)
        try Data("\(epoch)\n".utf8).write(to: URL(fileURLWithPath: path("data/subject.epoch")))
    }

    @Test("A subject secret is held against the data directory, where that says which one visitors are counted under")
    func epoch() throws {
        // printf 'rule-outcomes subject epoch' | openssl dgst -sha256 -mac HMAC -macopt "key:$secret"
        let (own, withNewline) = ("cf450fcbece997bd36a62c7aa405330a", "5ae7f23e11c2f6191dd10fb63ef0ec4c")
        let rules = "      article-22:\n        name: Article"
        for epoch in [own, "new"] {
            try write(epoch: epoch)
            #expect(try check(rules: rules).errors.isEmpty, "\(epoch)")
        }
        for (epoch, words) in [
            (withNewline, "It ended with a newline, and now ends with no newline: put that back"),
            (String(repeating: "0", count: 32), "Put back the file that was there"),
        ] {
            try write(epoch: epoch)
            let errors = try check(rules: rules).errors
            #expect(errors.map(\.line) == [3])
            let message = try #require(errors.first).message
            #expect(
                message.contains("holds another subject secret than the one that visitors are counted under. \(words)"))
            #expect(!message.contains(own) && !message.contains(epoch))
        }
    }

    @Test("Every file that is missing is named, with the line that names it")
    func missing() throws {
        let errors = try check().errors
        let lines = ConfigurationErrors(errors).errors.compactMap(\.line)
        #expect(lines == [3, 13, 19, 20])
    }

    @Test("A subject secret that is too short is a mistake, a short shared secret a warning")
    func short() throws {
        try write("subject.secret", bytes: 31)
        try write("jwt.secret", bytes: 31)
        let check = try check()
        #expect(check.errors.contains { $0.line == 3 && $0.message.contains("at least 32") })
        #expect(check.warnings.map(\.line) == [13])
        #expect(try #require(check.warnings.first).message.contains("31 bytes"))
    }

    @Test("Every file that is there and is no key is a mistake")
    func wrong() throws {
        try write("subject.secret", bytes: 32)
        try write("jwt.secret", bytes: 32)
        try write("other.pem", bytes: 32)
        try write("other.jwks", bytes: 32)
        let check = try check()
        #expect(check.errors.map(\.line) == [19, 20])
        #expect(check.errors.allSatisfy { $0.message.hasPrefix("site 'other': the key file ") })
        #expect(check.warnings.isEmpty)
    }

    @Test("What is risky in the configuration and in its files is warned of in the order of lines, and is no mistake")
    func risky() throws {
        _ = try check(rules: "      article-22:\n")
        try write("subject.secret", bytes: 32, mode: 0o644)
        try write("jwt.secret", bytes: 31, mode: 0o620)
        let check = ConfigurationCheck(try configuration("session: presence", "rules: rules.yaml"))
        #expect(check.errors.isEmpty)
        let warnings = check.warnings.map { "\(ConfigurationCheck.marked($0))" }
        #expect(check.warnings.map(\.line) == [3, 10, 13, 13])
        let beginnings = [
            ":3: warning: the key file \(path("subject.secret")) holds a secret that every user of this machine may read",
            ":10: warning: `session: presence`", ":13: warning: the key file \(path("jwt.secret")) holds 31 bytes",
            ":13: warning: the key file \(path("jwt.secret")) holds a secret that its group may replace",
        ]
        for (warning, beginning) in zip(warnings, beginnings) {
            #expect(warning.hasPrefix(path("config.yaml") + beginning))
        }
    }

    @Test("What was read is said at the end: the sites, and how many rules are declared")
    func summary() throws {
        let configuration = try configuration("session: nginx")
        let one = try check(rules: "      article-22:\n")
        #expect(one.errors.isEmpty)
        let rules = path("rules.yaml")
        var named = configuration
        named.rules = rules
        let fine = "config.yaml: fine, 1 site: default"
        #expect(one.summary(of: named, path: "config.yaml") == [fine, "\(rules): fine, 1 rule declared"])
        let two = try check(rules: "      article-22:\n      article-23:\n")
        #expect(two.summary(of: named, path: "config.yaml") == [fine, "\(rules): fine, 2 rules declared"])
        let none = ConfigurationCheck(configuration)
        #expect(none.summary(of: configuration, path: "config.yaml") == [fine])
    }

    @Test("A mistake in the rules, or their absence, is a mistake of the configuration")
    func wrongRules() throws {
        #expect(
            try check(rules: nil).errors.map(\.description) == [
                "\(path("rules.yaml")): does not exist: write it, or take `rules` out of the configuration"
            ])
        let check = try check(rules: "      article-22: { nmae: x }\n")
        #expect(check.rules == nil)
        #expect(
            check.errors.map(\.description) == [
                "\(path("rules.yaml")):4: there is no key `nmae` in `sites.default.rules.article-22`: did you mean `name`?"
            ])
    }
}
