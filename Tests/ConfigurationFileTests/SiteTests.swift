import ConfigurationFile
import Testing

@Suite("A site's section")
struct SiteTests {
    @Test("What is left out has its default")
    func defaults() throws {
        let site = try #require(try Sample.site(["origins: [https://a.example]", "credentials:", "  required: false"]))
        #expect(site.analytics)
        #expect(site.origins == .list(["https://a.example"]))
        #expect(site.session == .off)
        #expect(site.credentialsAccepted == Set(CredentialScheme.allCases))
        #expect(site.jwt == nil)
        #expect(try #require(try Sample.site(["origins: []", "session: nginx"])).credentialsRequired == .always)
    }

    @Test("Every key is read")
    func everyKey() throws {
        let site = try Sample.site([
            "analytics: false", "origins: any", "session: presence", "credentials:", "  required: false",
            "  accept: [session, x-zephr-jwt]",
        ])
        let expected = SiteConfiguration(
            analytics: false, origins: .any, credentialsRequired: .never,
            credentialsAccepted: [.session, .zephrHeader], session: .presence)
        #expect(site == expected)
    }

    @Test("Credentials may be required of all requests, of conversions alone, or of none")
    func required() throws {
        for (value, required) in [
            ("true", SiteConfiguration.CredentialsRequired.always), ("conversions", .conversions), ("false", .never),
        ] {
            let site = try Sample.site(["origins: []", "session: nginx", "credentials: { required: \(value) }"])
            #expect(site?.credentialsRequired == required)
        }
    }

    @Test("Every credential and every kind of session can be named")
    func choices() throws {
        let all = ["origins: []", "session: nginx", "credentials:"]
        let names = "  accept: [session, query, x-blaize-jwt, x-zephr-jwt, bearer, cookie]"
        #expect(try Sample.site(all + [names])?.credentialsAccepted == Set(CredentialScheme.allCases))
        for (name, session) in [("nginx", SiteConfiguration.Session.nginx), ("presence", .presence), ("off", .off)] {
            let lines = ["origins: []", "session: \(name)", "credentials: { required: false }"]
            #expect(try Sample.site(lines)?.session == session)
        }
    }

    @Test("There may be many sites, called what nginx calls them")
    func names() throws {
        let longest = String(repeating: "x", count: 64)
        let shop = "  Shop_1.example-2: { origins: any, session: presence }\n"
        let other = "  \(longest): { origins: [], session: nginx }\n"
        let configuration = try Sample.configuration(Sample.text() + shop + other)
        #expect(Set(configuration.sites.keys) == ["default", "Shop_1.example-2", longest])
        #expect(configuration.sites["Shop_1.example-2"]?.session == .presence)
    }

    private static let notName = "a site's name must be 1 to 64 of a-z, A-Z, 0-9, `.`, `_` and `-`"

    @Test(
        "Any other name is refused",
        arguments: ["\"\"", "a/b", "a b", "münchen", "\"a\\nb\"", String(repeating: "x", count: 65)])
    func badName(name: String) {
        let mistakes = Sample.mistakes(Sample.text() + "  \(name): { origins: [], session: nginx }\n")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasPrefix("12: \(Self.notName), not `") == true)
        #expect(mistakes.first?.contains("\n") == false)
    }

    private static let schemes = "session, query, x-blaize-jwt, x-zephr-jwt, bearer, cookie"

    @Test(
        "A bad value is refused with its line and with what would be right",
        arguments: [
            (["analytics: yes"], "12: `analytics` must be true or false, not `yes`"),
            (["analytics: \"true\""], "12: `analytics` must be true or false, without quotes"),
            (["analytics:"], "12: `analytics` must be true or false, not nothing"),
            (["credentials: true"], notSection("credentials", 12, "a single value")),
            (["credentials:"], notSection("credentials", 12, "nothing")),
            (["jwt: []"], notSection("jwt", 12, "a list")),
            (["credentials:", "  required: 1"], "13: `required` must be one of true, conversions, false, not `1`"),
            (
                ["credentials:", "  accept: session"],
                "13: `accept` must be a list of some of \(schemes), not a single value"
            ),
            (
                ["credentials:", "  accept:", "    - session", "    - header"],
                "15: each of `accept` must be one of \(schemes), not `header`"
            ),
            (
                ["credentials:", "  accept: [session, session]"],
                "13: this value of `accept` is listed already, on line 13: take one out"
            ),
        ])
    func badValue(lines: [String], mistake: String) {
        #expect(Sample.mistakes(Sample.text(site: ["origins: []", "session: nginx"] + lines)) == [mistake])
    }

    private static func notSection(_ key: String, _ line: Int, _ found: String) -> String {
        "\(line): `sites.default.\(key)` must be a section, lines of `key: value` indented beneath it, not \(found)"
    }

    @Test("A kind of session that does not exist is refused, and its credentials judged no further")
    func badSession() {
        #expect(
            Sample.mistakes(Sample.text(site: ["origins: []", "session: ngnix"]))
                == ["11: `session` must be one of nginx, presence, off, not `ngnix`"])
    }

    @Test("The origins must be said")
    func missingOrigins() {
        let remedy = "add it, a list of origins that may call, `[]` for none, or `any`"
        #expect(
            Sample.mistakes(Sample.text(site: ["session: nginx"]))
                == ["9: `sites.default` lacks the key `origins`: \(remedy)"])
    }

    @Test("There must be a site")
    func noSite() {
        let text = Sample.text(site: []).replacing("sites:\n  default:", with: "sites: {}")
        #expect(
            Sample.mistakes(text) == ["8: `sites` has no site: add one, called `default` unless nginx names another"])
    }
}
