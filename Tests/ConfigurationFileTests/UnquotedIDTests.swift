import ConfigurationFile
import Testing

/// Outcome ids hold `#` and commas, which are YAML's too.
@Suite("Ids without quotes")
struct UnquotedIDTests {
    private static let comment =
        "a `#` behind a space begins a comment there: if that belongs to it, put the whole in quotes"
    private static let inText = "a `#` behind a space begins a comment there: put an id that holds one in quotes"
    private static let comma = "a comma ends an id in braces, so if"

    @Test(
        "An id in braces that its commas split is told, with what it would be in quotes",
        arguments: [
            (
                ["outcomes: {graph/1#1,graph/1#2: Paywall}"],
                ["5: `graph/1#1` has no value: \(comma) `graph/1#1,graph/1#2` is one, put it in quotes"]
            ),
            (
                ["outcomes: {a: Wall, graph/1#1,graph/1#2,graph/2#1: Paywall}"],
                ["5: `graph/1#1` has no value: \(comma) `graph/1#1,graph/1#2,graph/2#1` is one, put it in quotes"]
            ),
            (
                ["outcomes:", "  {graph/1#1,graph/1#2: Paywall, ", "   graph/1#1,graph/1#3: Form}"],
                [
                    "6: `graph/1#1` has no value: \(comma) `graph/1#1,graph/1#2` is one, put it in quotes",
                    "7: `graph/1#1` has no value: \(comma) `graph/1#1,graph/1#3` is one, put it in quotes",
                ]
            ),
            (
                ["outcomes: {graph/1#1:Paywall, graph/1#2: Form}"],
                ["5: `graph/1#1:Paywall` has no value: put a space behind the colon that ends its id"]
            ),
        ])
    func braces(rule: [String], mistakes: [String]) {
        #expect(RulesSample.mistakes(RulesSample.text(rule: rule)) == mistakes)
    }

    @Test("So are the outcomes of a group, and features")
    func further() {
        let group = ["groups:", "  autumn:", "    outcomes: {graph/1#1,graph/1#2: 50, b: 50}", "    baseline: b"]
        #expect(
            RulesSample.mistakes(RulesSample.text(rule: group + ["    conversion: CUSTOMER"])) == [
                "7: `graph/1#1` has no value: \(Self.comma) `graph/1#1,graph/1#2` is one, put it in quotes"
            ])
        let tight = ["groups:", "  autumn:", "    outcomes: {a:50, b:50}", "    baseline: b", "    conversion: C"]
        #expect(
            RulesSample.mistakes(RulesSample.text(rule: tight)) == [
                "7: `a:50` has no value: put a space behind the colon that ends its id",
                "7: `b:50` has no value: put a space behind the colon that ends its id",
            ])
        #expect(
            RulesSample.mistakes(RulesSample.text(site: ["features: {top,left: article-22}"])) == [
                "3: `top` has no value: \(Self.comma) `top,left` is one, put it in quotes"
            ])
    }

    @Test("In quotes, or on a line of its own, an id may hold commas; rule versions need no value in braces")
    func right() throws {
        let named = try RulesSample.rule(["outcomes: {\"graph/1#1,graph/1#2\": Paywall, 'a:b': Form}"])
        #expect(named?.outcomeNames == ["graph/1#1,graph/1#2": "Paywall", "a:b": "Form"])
        let lines = try RulesSample.rule(["outcomes:", "  graph/1#1,graph/1#2: Paywall"])
        #expect(lines?.outcomeNames == ["graph/1#1,graph/1#2": "Paywall"])
        let rules = try RulesSample.rules("sites:\n  default:\n    rules: {a:1, b, c: {name: C}}\n")
        #expect(rules.sites["default"]?.rules.keys.sorted() == ["a:1", "b", "c"])
    }

    @Test(
        "What a comment makes of an id is told where the file is no YAML any more",
        arguments: [
            ["outcomes:", "  a: Wall", "  graph/1 #1: Form"], ["outcomes: [graph/1 #1, graph/1 #2]"],
            ["outcomes: {graph/1 #1: Paywall, b: Form}"], ["outcomes: [graph/1#1 #comment, graph/1#2]"],
        ])
    func brokenByComment(rule: [String]) {
        let mistakes = RulesSample.mistakes(RulesSample.text(rule: rule))
        #expect(mistakes.count == 1 && mistakes.first?.hasSuffix("; \(Self.inText)") == true, "\(mistakes)")
    }

    @Test("Where it is another mistake, quotes and comments with a space are not blamed")
    func otherwiseBroken() {
        for line in ["\"graph/1 #1\": \"Paywall", "graph/1 # the first", "graph/1#1:50"] {
            let mistakes = RulesSample.mistakes(RulesSample.text(rule: ["outcomes:", "  \(line)"]))
            #expect(mistakes.count == 1 && mistakes.first?.contains("comment") == false, "\(mistakes)")
        }
    }

    @Test("A colon without its space is told, on a line between others, before them, or behind")
    func tightColon() {
        let between = "a colon and a space belong between a key and its value; look at line 7"
        let before =
            "a colon that ends a key needs a space behind it, and a text that holds both needs quotes; look at the indentation, "
            + "too, of this line and the one before it"
        for (lines, remedy) in [
            (["a: Wall", "graph/1#1:Wall", "b: Form"], between), (["graph/1#1:Wall", "b: Form"], before),
            (["a: Wall", "graph/1#1:Wall"], between),
        ] {
            let mistakes = RulesSample.mistakes(RulesSample.text(rule: ["outcomes:"] + lines.map { "  " + $0 }))
            #expect(mistakes.count == 1 && mistakes.first?.hasSuffix("; \(remedy)") == true, "\(mistakes)")
        }
    }

    @Test("A value that a comment cut is told with the mistake that it becomes")
    func cutIntoMistake() {
        let cut = RulesSample.group(["baseline: a #1", "conversion: CUSTOMER"])
        #expect(
            RulesSample.mistakes(
                RulesSample.group(outcomes: ["\"a #1\": 50", "b: 50"], ["baseline: a #1", "conversion: C"]))
                == ["10: `baseline` must be one of the group's outcomes, such as `a #1`, not `a`; \(Self.comment)"])
        #expect(RulesSample.mistakes(cut) == [])
        #expect(
            RulesSample.mistakes(RulesSample.text(rule: ["outcomes:", "  graph/1 #1: Paywall"])) == [
                "6: `sites.default.rules.article-22.outcomes` must be a section, lines of `key: value` indented beneath it, not a "
                    + "single value; \(Self.comment)"
            ])
        #expect(
            RulesSample.mistakes(RulesSample.group(["baseline: a", "conversion: #1"])) == [
                "11: `conversion` must be the name of a conversion, not nothing; \(Self.comment)"
            ])
        #expect(
            RulesSample.mistakes(RulesSample.text(site: ["features:", "  article: rule #22"])) == [
                "4: the rule version of `article` must be one of those under `rules`, not `rule`: add it there; \(Self.comment)"
            ])
    }

    private static func warning(_ line: Int, _ title: String, _ kept: String) -> String {
        "\(line): \(title) is \(kept), since a `#` behind a space begins a comment: if that belongs to it, put the whole in "
            + "quotes; if not, put a space behind the `#`"
    }

    private static func doubts(_ text: String) throws -> [String] {
        try RulesSample.rules(text).doubts.map { "\($0.line ?? 0): \($0.message)" }
    }

    @Test(
        "A value that a comment may have cut is warned of where nothing else is wrong, and by check and the daemons alike"
    )
    func cutUnseen() throws {
        let text = RulesSample.group(["baseline: a #1", "conversion: SIGN UP #2"]) + "        name: Wall #3 # really\n"
        #expect(
            try Self.doubts(text) == [
                Self.warning(10, "`baseline`", "`a`"), Self.warning(11, "`conversion`", "`SIGN UP`"),
                Self.warning(12, "`name`", "`Wall`"),
            ])
        let rules = try RulesSample.rules(text)
        #expect(rules.warnings(sites: [:], file: RulesSample.file) == rules.doubts)
        let jwt = ["secret: jwt.secret", "algorithms: [HS256]", "issuer: https://id.example #a", "audience: b # c"]
        let warnings = try Sample.warnings(Sample.jwt(jwt + []))
        #expect(warnings.contains(Self.warning(15, "`issuer`", "`https://id.example`")), "\(warnings)")
        #expect(!warnings.contains { $0.contains("`audience`") })
    }

    @Test(
        "A comment with a space behind its #, quotes, and a # within a word are nothing to warn of",
        arguments: ["Wall # old", "\"Wall #1\"", "'Wall #1'", "Wall#1", "Wall #", "Wall ## 1", "Wall #\t1"])
    func undoubted(value: String) throws {
        #expect(try Self.doubts(RulesSample.text(rule: ["name: \(value)"])) == [])
    }

    @Test("Numbers and words of a choice stay what they are, whatever comment stands behind")
    func closedValues() throws {
        let text = RulesSample.group(["baseline: a", "conversion: C", "windowDays: 7 #days"])
        #expect(try Self.doubts(text) == [])
        let warnings = try Sample.warnings(Sample.text(site: ["origins: []", "session: nginx #or off"]))
        #expect(warnings == [])
    }
}
