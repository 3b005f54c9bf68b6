import ConfigurationFile
import Testing

@Suite("Mistakes in rules")
struct RulesMistakeTests {
    private static let section = "must be a section, lines of `key: value` indented beneath it"

    @Test(
        "What is no section of sites is refused",
        arguments: [
            ("", "is empty: it must have the section `sites`"),
            (
                "a: 1\n",
                "the file lacks the key `sites`: add it, the section with a section for each site that has rules"
            ),
            ("sites:\n", "1: `sites` \(section), not nothing"),
            ("sites: [default]\n", "1: `sites` \(section), not a list"),
            ("sites:\n  default:\n", "2: `sites.default` \(section), not nothing"),
            (
                "sites:\n  default: {}\n",
                "2: `sites.default` lacks the key `rules`: add it, a section with the id of each rule version, which may "
                    + "have nothing beneath it"
            ),
            ("sites:\n  default:\n    rules: [r]\n", "3: `sites.default.rules` \(section), not a list"),
        ])
    func noSection(text: String, mistake: String) {
        #expect(RulesSample.mistakes(text).first == mistake)
    }

    @Test("A site that the configuration lacks is refused with those there are, or the one that may have been meant")
    func unknownSite() {
        let text = "sites:\n  defualt: { rules: {} }\n  magazine: { rules: {} }\n"
        #expect(
            RulesSample.mistakes(text) == [
                "2: the configuration has no site `defualt`: did you mean `default`?",
                "3: the configuration has no site `magazine`: its sites are default, shop",
            ])
    }

    @Test("An unknown key is refused in every section, with a key of this file")
    func unknownKeys() {
        let lines = ["nmae: x", "groups:", "  g:", "    outcomes: { a: 1, b: 1 }", "    baseline: a"]
        let more = ["    conversion: C", "    windowdays: 1", "    onlyDeclared: true"]
        let text = RulesSample.text(site: ["origins: any"], rule: lines + more) + "rules: x\n"
        #expect(
            RulesSample.mistakes(text) == [
                "3: there is no key `origins` in `sites.default`: its keys are onlyDeclared, rules, features",
                "6: there is no key `nmae` in `sites.default.rules.article-22`: did you mean `name`?",
                "12: there is no key `windowdays` in `sites.default.rules.article-22.groups.g`: did you mean `windowDays`?",
                "13: there is no key `onlyDeclared` in `sites.default.rules.article-22.groups.g`: it belongs in a site; is "
                    + "the indentation right?",
                "14: there is no key `rules` in the file: it belongs in a site; is the indentation right?",
            ])
    }

    private static let ofArticle = "4: the rule version of `article` must be"
    private static let declared = "one of those under `rules`"

    @Test(
        "A feature that stands for no declared rule version, or is one, is refused with what would be right",
        arguments: [
            ("article: article-2", "\(ofArticle) \(declared), not `article-2`: did you mean `article-22`?"),
            ("article: paywall-7", "\(ofArticle) \(declared), not `paywall-7`: add it there"),
            ("article: [article-22]", "\(ofArticle) the id of a rule version, not a list"),
            ("article:", "\(ofArticle) the id of a rule version, not nothing"),
            ("\"\": article-22", "4: the id of a feature must be of 1 to 256 bytes in UTF-8, not 0"),
            (
                "article-22: article-22",
                "4: `article-22` is a rule version under `rules`: a feature is another's name, so take one out"
            ),
        ])
    func badFeature(line: String, mistake: String) {
        #expect(RulesSample.mistakes(RulesSample.text(site: ["features:", "  \(line)"])) == [mistake])
    }

    @Test("No feature stands for another feature")
    func featureOfFeature() {
        let text = RulesSample.text(site: ["features: { a: article-22, b: a }"])
        #expect(
            RulesSample.mistakes(text)
                == ["3: the rule version of `b` must be one of those under `rules`, not `a`: add it there"])
    }

    private static let weight = "the weight of `b` must be a whole number from 1 to 1000000"

    @Test(
        "A bad group is refused with its line and with what would be right",
        arguments: [
            (["a: 1", "b: 0"], ["baseline: a", "conversion: C"], "9: \(weight), not `0`"),
            (["a: 1", "b: 1000001"], ["baseline: a", "conversion: C"], "9: \(weight), not `1000001`"),
            (["a: 1", "b: 50%"], ["baseline: a", "conversion: C"], "9: \(weight), not `50%`"),
            (["a: 1", "b:"], ["baseline: c", "conversion: C"], "9: \(weight), not nothing"),
            (
                ["a: 1"], ["baseline: a", "conversion: C"],
                "7: `sites.default.rules.article-22.groups.autumn.outcomes` must have at least two outcomes, each with its "
                    + "weight, not 1"
            ),
            (
                ["a: 1", "b: 1"], ["baseline: c", "conversion: C"],
                "10: `baseline` must be one of the group's outcomes, such as `a`, not `c`"
            ),
            (
                ["a: 1", "b: 1"], ["baseline: a", "conversion:"],
                "11: `conversion` must be the name of a conversion, not nothing"
            ),
            (
                ["a: 1", "b: 1"], ["baseline: a", "conversion: C", "windowDays: 91"],
                "12: `windowDays` must be a whole number from 1 to 90, not `91`"
            ),
            (
                ["a: 1", "b: 1"], ["baseline: a", "conversion: C", "tau: 1e-2"],
                "12: `tau` must be a number from 0.0001 to 0.5, not `1e-2`"
            ),
            (
                ["a: 1", "b: 1"], ["baseline: a", "conversion: C", "tau: 0"],
                "12: `tau` must be a number from 0.0001 to 0.5, not `0`"
            ),
            (
                ["a: 1", "b: 1"], ["baseline: a", "conversion: C", "guardrails: { D: 1% }"],
                "12: the margin of `D` must be a number from 0.0001 to 0.5, not `1%`"
            ),
            (
                ["a: 1", "b: 1"], ["baseline: a", "conversion: C", "guardrails: { C: 0.01 }"],
                "12: `C` is the group's primary conversion, which decides already: take it out here"
            ),
            (
                ["a: 1", "b: 1"],
                [
                    "baseline: a", "conversion: C",
                    "guardrails: { \((1...9).map { "D\($0): 0.01" }.joined(separator: ", ")) }",
                ],
                "12: `sites.default.rules.article-22.groups.autumn.guardrails` must have at most 8 conversions, not 9: each makes "
                    + "the intervals of all wider"
            ),
        ])
    func badGroup(outcomes: [String], lines: [String], mistake: String) {
        #expect(RulesSample.mistakes(RulesSample.group(outcomes: outcomes, lines)) == [mistake])
    }

    @Test(
        "A decision has a text and a day",
        arguments: [
            (["decision: Form"], "5: `decision` needs the day on which that was decided, `decided: 2026-11-30`"),
            (["decided: 2026-11-30"], "5: `decided` is the day of a decision, so write what that was under `decision`"),
            (
                ["decision: Form", "decided: 2026-02-29"],
                "6: `decided` must be a day such as 2026-11-30, not `2026-02-29`"
            ),
            (
                ["decision: Form", "decided: 30.11.2026"],
                "6: `decided` must be a day such as 2026-11-30, not `30.11.2026`"
            ),
        ])
    func badDecision(lines: [String], mistake: String) {
        #expect(RulesSample.mistakes(RulesSample.text(rule: lines)) == [mistake])
    }

    @Test("What a group must have is asked for")
    func missing() {
        let lacks = "6: `sites.default.rules.article-22.groups.g` lacks the key"
        #expect(
            RulesSample.mistakes(RulesSample.text(rule: ["groups:", "  g: {}"])) == [
                "\(lacks) `baseline`: add it, the id of one of the outcomes",
                "\(lacks) `conversion`: add it, the name of the primary conversion, such as CUSTOMER",
                "\(lacks) `outcomes`: add it, a section with each outcome's id and its weight, `ID: 50`",
            ])
    }

    @Test("An outcome that is in two groups of a rule is refused; one in groups of two rules is not")
    func twoGroups() {
        let first = "{ outcomes: { a: 1, b: 1 }, baseline: a, conversion: C }"
        let second = "{ outcomes: { c: 1, a: 1 }, baseline: c, conversion: C }"
        let text = RulesSample.text(rule: ["groups:", "  g: \(first)", "  h: \(second)"])
        #expect(
            RulesSample.mistakes(text)
                == ["7: `a` is in another group of this rule already, on line 6: take it out of one"])
        let apart = RulesSample.text(rule: ["groups: { g: \(first) }"]) + "      other: { groups: { h: \(second) } }\n"
        #expect(RulesSample.mistakes(apart) == [])
    }

    @Test(
        "A group's name is short and plain",
        arguments: ["\"\"", "two words", "caf\u{E9}", String(repeating: "g", count: 65)])
    func groupName(name: String) {
        let group = "{ outcomes: { a: 1, b: 1 }, baseline: a, conversion: C }"
        let mistakes = RulesSample.mistakes(RulesSample.text(rule: ["groups:", "  \(name): \(group)"]))
        let expected = "6: a group's name must be 1 to 64 of a-z, A-Z, 0-9, `.`, `_` and `-`, not `"
        #expect(mistakes.count == 1 && mistakes.first?.hasPrefix(expected) == true)
    }

    @Test("Ids are as long as the endpoint takes them, and no longer")
    func lengths() {
        let (rule, outcome) = (String(repeating: "r", count: 256), String(repeating: "\u{E9}", count: 512))
        let longest = "sites: { default: { rules: { \(rule): { outcomes: { \(outcome): x } } } } }\n"
        #expect(RulesSample.mistakes(longest) == [])
        #expect(
            RulesSample.mistakes(longest.replacing(rule, with: rule + "r"))
                == ["1: the id of a rule version must be of 1 to 256 bytes in UTF-8, not 257"])
        #expect(
            RulesSample.mistakes(longest.replacing(outcome, with: outcome + "x"))
                == ["1: the id of an outcome must be of 1 to 1024 bytes in UTF-8, not 1025"])
        #expect(
            RulesSample.mistakes(RulesSample.group(["baseline: a", "conversion: \(rule)r"]))
                == ["11: `conversion` must be the name of a conversion, of 1 to 256 bytes in UTF-8, not 257"])
        #expect(
            RulesSample.mistakes("sites: { default: { rules: { \"\": {} } } }\n")
                == ["1: the id of a rule version must be of 1 to 256 bytes in UTF-8, not 0"])
    }

    @Test("No id and no name has control characters, and no error shows one")
    func controlCharacters() {
        let lines = ["name: \"a\\nb\"", "outcomes:", "  \"c\\nd\": x", "  e: \"f\\eg\"", "  \"h\\ni\": []"]
        let id = "the id of an outcome must be without control characters, not"
        #expect(
            RulesSample.mistakes(RulesSample.text(rule: lines)) == [
                "5: `name` must be a name of 1 to 200 characters, in one line and without control characters",
                "7: \(id) `c?d`",
                "8: the name of `e` must be a name of 1 to 200 characters, in one line and without control characters",
                "9: \(id) `h?i`",
                "9: the name of `h?i` must be a name of 1 to 200 characters, not a list",
            ])
    }

    @Test("A name has 200 characters at most")
    func longName() {
        let longest = String(repeating: "\u{E9}", count: 200)
        #expect(RulesSample.mistakes(RulesSample.text(rule: ["name: \(longest)"])) == [])
        #expect(
            RulesSample.mistakes(RulesSample.text(rule: ["name: \(longest)x"]))
                == ["5: `name` must be a name of 1 to 200 characters, not of 201"])
    }

    @Test("A rule or an outcome that is there twice is refused, and hides no other mistake")
    func repeated() {
        let text = RulesSample.text(rule: ["outcomes:", "  a: x", "  a: y", "name: []"]) + "      article-22:\n"
        #expect(
            RulesSample.mistakes(text) == [
                "7: `a` is given in `sites.default.rules.article-22.outcomes` already, on line 6: keep one of them",
                "8: `name` must be a name of 1 to 200 characters, not a list",
                "9: `article-22` is given in `sites.default.rules` already, on line 4: keep one of them",
            ])
    }
}
