import ConfigurationFile
import Testing

@Suite("Rules")
struct RulesTests {
    @Test("The configuration names their file, from its own directory on, or none")
    func path() throws {
        #expect(try Sample.configuration(Sample.text()).rules == nil)
        #expect(
            try Sample.configuration(Sample.text() + "rules: rules.yaml\n").rules == "/etc/rule-outcomes/rules.yaml")
        #expect(
            Sample.mistakes(Sample.text() + "rules: []\n")
                == ["12: `rules` must be the path of the file that declares rules, not a list"])
    }

    @Test("What is left out has its default")
    func defaults() throws {
        let rules = try RulesSample.rules(RulesSample.group())
        let group = OutcomeGroup(
            name: "autumn", shares: [.init(outcome: "a", weight: 50), .init(outcome: "b", weight: 50)], baseline: "a",
            conversion: "CUSTOMER", windowDays: 7)
        let rule = DeclaredRule(name: nil, outcomeNames: [:], groups: [group])
        #expect(rules == Rules(sites: ["default": SiteRules(onlyDeclared: false, rules: ["article-22": rule])]))
    }

    @Test("Every key is read")
    func everyKey() throws {
        let lines = [
            "name: Article paywall, autumn", "hypothesis: A form costs less", "owner: Ada", "decision: Form for all",
            "decided: 2028-02-29", "outcomes:", "  graph/1#1,graph/1#2: Paywall", "steps:", "  graph/1#1: Limit",
            "groups:", "  autumn-1:",
            "    outcomes: { z: 1, \"graph/1#1,graph/1#2\": 1000000 }", "    baseline: graph/1#1,graph/1#2",
            "    conversion: SIGNED UP", "    windowDays: 90", "    tau: 0.025",
            "    guardrails: { READ: 0.005, \"STAYED, A DAY\": 0.5 }",
        ]
        let text = RulesSample.text(site: ["onlyDeclared: true"], rule: lines)
        let site = try #require(try RulesSample.rules(text).sites["default"])
        #expect(site.onlyDeclared)
        let id: OpaqueID = "graph/1#1,graph/1#2"
        let group = OutcomeGroup(
            name: "autumn-1", shares: [.init(outcome: "z", weight: 1), .init(outcome: id, weight: 1_000_000)],
            baseline: id, conversion: "SIGNED UP", windowDays: 90, tau: 0.025,
            guardrails: [.init(conversion: "READ", margin: 0.005), .init(conversion: "STAYED, A DAY", margin: 0.5)])
        let test = DeclaredTest(
            hypothesis: "A form costs less", owner: "Ada",
            decision: DeclaredTest.Decision(text: "Form for all", day: "2028-02-29"))
        let expected = DeclaredRule(
            name: "Article paywall, autumn", test: test, outcomeNames: [id: "Paywall"],
            stepNames: ["graph/1#1": "Limit"],
            groups: [group])
        #expect(site.rules == ["article-22": expected])
    }

    @Test("A step has the name of the whole way to it, or else of the step wherever it stands")
    func stepNames() {
        let rule = DeclaredRule(stepNames: ["a,b": "Wall", "b": "Somewhere", "a": "Limit"])
        let rules = Rules(sites: ["s": SiteRules(rules: ["r": rule])])
        let names = [["a"], ["a", "b"], ["c", "b"], ["c"], []].map { rules.name(ofStep: $0, rule: "r", site: "s") }
        #expect(names == ["Limit", "Wall", "Somewhere", nil, nil])
        #expect(rules.name(ofStep: ["a"], rule: "other", site: "s") == nil)
    }

    @Test("A rule may be declared by its id alone", arguments: ["", " ~", " {}"])
    func idAlone(value: String) throws {
        let rules = try RulesSample.rules("sites:\n  default:\n    rules:\n      article-22:\(value)\n")
        #expect(rules.sites["default"]?.rules == ["article-22": DeclaredRule()])
        #expect(rules.count == 1)
    }

    @Test("A group that needs visitors for longer than its site keeps them is warned of", arguments: [13, 14])
    func retention(days: Int) throws {
        let rules = try RulesSample.rules(RulesSample.group())
        var site = SiteConfiguration(origins: .any)
        site.retentionDays = days
        let warnings = rules.warnings(sites: ["default": site], file: "rules.yaml")
        #expect(warnings.count == (days < 14 ? 1 : 0))
        #expect(
            warnings.allSatisfy { $0.description.hasPrefix("rules.yaml: group `autumn` of rule `article-22` needs") })
        #expect(warnings.allSatisfy { $0.message.contains("14 days at least") && $0.message.contains("is 13") })
    }

    @Test("There may be no site and no rule")
    func nothing() throws {
        #expect(try RulesSample.rules("sites: {}\n") == .none)
        #expect(try RulesSample.rules("sites: { shop: { rules: {} } }\n").count == 0)
    }

    @Test(
        "An id is the text that was written", arguments: ["22", "022", "1e3", "on", "true", "no", "null", "1.0", "~"])
    func textual(id: String) throws {
        let text = "sites: { default: { rules: { \(id): { outcomes: { \(id): \(id)x } } } } }\n"
        let rules = try RulesSample.rules(text)
        #expect(rules.name(ofOutcome: id, rule: id, site: "default") == "\(id)x")
    }

    @Test("Ids are the same when their bytes are")
    func bytes() throws {
        let rules = try RulesSample.rules("sites: { default: { rules: { caf\u{E9}: { name: x } } } }\n")
        #expect(rules.name(ofRule: "caf\u{E9}", site: "default") == "x")
        #expect(rules.name(ofRule: "cafe\u{301}", site: "default") == nil)
    }

    @Test("Features stand for rule versions, several for the same one, and before or after the rules")
    func features() throws {
        let features = "features: { article: article-22, \"Article, top\": article-22 }"
        let expected: [OpaqueID: OpaqueID] = ["article": "article-22", "Article, top": "article-22"]
        let before = try RulesSample.rules(RulesSample.text(site: [features]))
        #expect(before.sites["default"]?.features == expected)
        let after = try RulesSample.rules(RulesSample.text() + "    \(features)\n")
        #expect(after == before)
    }

    @Test("Names are found by ids, and may be given twice")
    func names() throws {
        let first = "{ name: Same, outcomes: { a: Paywall, b: Paywall } }"
        let text = "sites: { default: { rules: { r: \(first), s: { name: Same } } }, shop: { rules: { r: } } }\n"
        let rules = try RulesSample.rules(text)
        #expect(rules.count == 3)
        #expect(rules.name(ofRule: "r", site: "default") == "Same")
        #expect(rules.name(ofRule: "s", site: "default") == "Same")
        #expect(rules.name(ofOutcome: "b", rule: "r", site: "default") == "Paywall")
        #expect(rules.name(ofOutcome: "a", rule: "s", site: "default") == nil)
        #expect(rules.name(ofRule: "r", site: "shop") == nil)
        #expect(rules.name(ofRule: "r", site: "elsewhere") == nil)
    }

    @Test("Without the configuration's sites any site will do")
    func unknownSites() throws {
        let rules = try Rules.parse(text: "sites: { elsewhere: { rules: { r: } } }", file: "rules.yaml", sites: nil)
        #expect(rules.count == 1)
    }

    @Test("A file that is not there is named, and so is the remedy")
    func missing() {
        let error = #expect(throws: ConfigurationErrors.self) {
            try Rules.load(path: "/nonexistent/rules.yaml", sites: nil)
        }
        #expect(
            error?.description
                == "/nonexistent/rules.yaml: does not exist: write it, or take `rules` out of the configuration")
    }
}
