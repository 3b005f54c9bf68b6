import ConfigurationFile
import Testing

@Suite("Where outcomes stand in Zephr's export")
struct OutcomePlaceTests {
    private static func text(_ outcomes: [String]) -> String {
        RulesSample.text(rule: ["outcomes:"] + outcomes.map { "  " + $0 })
    }

    @Test("An outcome is a name, or a section with a name, a tab and a path, each of which may be left out")
    func forms() throws {
        let path = "SubruleNode,InputNode,SubruleOutputNode: button3"
        let text = Self.text([
            "a: Wall", "b: { name: Form, tab: Anonymous, path: \"\(path)\" }", "c: { tab: Anonymous }",
            "d: { path: x }", "e: {}",
        ])
        let rules = try RulesSample.rules(text)
        let rule = try #require(rules.sites["default"]?.rules["article-22"])
        #expect(rule.outcomeNames == ["a": "Wall", "b": "Form"])
        #expect(
            rule.outcomePlaces == [
                "b": OutcomePlace(tab: "Anonymous", path: path), "c": OutcomePlace(tab: "Anonymous"),
                "d": OutcomePlace(path: "x"), "e": OutcomePlace(),
            ])
        #expect(rule.outcomeIDs == ["a", "b", "c", "d", "e"])
        #expect(rules.place(ofOutcome: "b", rule: "article-22", site: "default").tab == "Anonymous")
        #expect(rules.place(ofOutcome: "a", rule: "article-22", site: "default") == OutcomePlace())
        #expect(rules.name(ofOutcome: "b", rule: "article-22", site: "default") == "Form")
    }

    @Test("A path is as long as one through several rules may be")
    func longest() throws {
        let path = String(repeating: "p", count: 4000)
        let rules = try RulesSample.rules(Self.text(["a: { path: \(path) }"]))
        #expect(rules.place(ofOutcome: "a", rule: "article-22", site: "default").path == path)
        #expect(
            RulesSample.mistakes(Self.text(["a: { path: \(path)p }"]))
                == ["6: `path` must be a path of 1 to 4000 characters, not of 4001"])
    }

    @Test(
        "What is wrong with one is told with its line",
        arguments: [
            (
                "a: { tap: x }",
                "6: there is no key `tap` in `sites.default.rules.article-22.outcomes.a`: did you mean `tab`?"
            ),
            ("a: { tab: [x] }", "6: `tab` must be a name of 1 to 200 characters, not a list"),
            ("a: { tab: \"\" }", "6: `tab` must be a name of 1 to 200 characters, not empty"),
            (
                "a: { tab: \"x\\ty\" }",
                "6: `tab` must be a name of 1 to 200 characters, in one line and without control characters"
            ),
            ("a: { path: }", "6: `path` must be a path of 1 to 4000 characters, not nothing"),
            (
                "a: { weight: 1 }",
                "6: there is no key `weight` in `sites.default.rules.article-22.outcomes.a`: its keys are name, tab, path"
            ),
            ("a: [x]", "6: the name of `a` must be a name of 1 to 200 characters, not a list"),
        ])
    func mistakes(line: String, mistake: String) {
        #expect(RulesSample.mistakes(Self.text([line])) == [mistake])
    }

    @Test("No two outcomes of a rule have the same tab and path")
    func twice() throws {
        let alike =
            "another outcome of this rule has the same `tab` and `path` already, on line 6: each has one of its own"
        #expect(
            RulesSample.mistakes(Self.text(["a: { tab: T, path: p }", "b: { tab: T, path: p }"])) == ["7: \(alike)"])
        #expect(RulesSample.mistakes(Self.text(["a: { path: p }", "b: { path: p }"])) == ["7: \(alike)"])
        let differing = [
            "a: { tab: T, path: p }", "b: { tab: U, path: p }", "c: { path: p }", "d: { tab: T }", "e: { tab: T }",
        ]
        #expect(try RulesSample.rules(Self.text(differing)).count == 1)
    }

    @Test("In braces an id with a comma needs quotes, also before a section")
    func braces() {
        let text = RulesSample.text(rule: ["outcomes: { graph/1#1,graph/1#2: { name: Wall } }"])
        let mistakes = RulesSample.mistakes(text)
        #expect(
            mistakes.count == 1 && mistakes[0].contains("if `graph/1#1,graph/1#2` is one, put it in quotes"),
            "\(mistakes)")
    }
}
