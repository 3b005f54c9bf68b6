import Testing

@testable import ConfigurationFile

@Suite("Keys")
struct KeyTests {
    @Test(
        "An unknown key is refused, with the one that may have been meant",
        arguments: [
            ("timeout: 1", "its keys are \(Keys.Responder.names.joined(separator: ", "))"),
            ("deadlineMillis: 1", "did you mean `deadlineMilliseconds`?"),
            ("deadlineMiliseconds: 1", "did you mean `deadlineMilliseconds`?"),
            ("infligthmax: 1", "did you mean `inFlightMax`?"),
            ("Mode: 1", "did you mean `mode`?"),
            ("origins: []", "it belongs in a site; is the indentation right?"),
            ("required: true", "it belongs in a site's `credentials`; is the indentation right?"),
            ("aggregator: {}", "it belongs in the file's first level; is the indentation right?"),
            ("<<: {}", "merge keys are not supported; a whole value may be an alias, `*name`"),
        ])
    func unknown(line: String, remedy: String) {
        let mistake = "4: there is no key `\(line.prefix { $0 != ":" })` in `responder`: \(remedy)"
        #expect(Sample.mistakes(Sample.text(responder: [line])) == [mistake])
    }

    @Test("An unknown key is refused in every section")
    func everySection() {
        let site = [
            "origins: []", "session: nginx", "zzzzzz: 1", "credentials:", "  zzzzzz: 1", "jwt:", "  zzzzzz: 1",
            "  jwks: a", "  algorithms: [RS256]",
        ]
        let text =
            Sample.text(responder: ["zzzzzz: 1"], aggregator: ["zzzzzz: 1"], site: site) + "zzzzzz: 1\n"
        let expected: [(Int, String, [String])] = [
            (4, "`responder`", Keys.Responder.names), (9, "`aggregator`", Keys.Aggregator.names),
            (14, "`sites.default`", Keys.Site.names), (16, "`sites.default.credentials`", Keys.Credentials.names),
            (18, "`sites.default.jwt`", Keys.JWT.names), (21, "the file", Keys.File.names),
        ]
        let mistakes = expected.map { line, section, keys in
            "\(line): there is no key `zzzzzz` in \(section): its keys are \(keys.joined(separator: ", "))"
        }
        #expect(Sample.mistakes(text) == mistakes)
    }

    @Test("An unknown key is shown cut short and without control characters")
    func shown() {
        let long = String(repeating: "k", count: 81)
        let mistakes = Sample.mistakes(Sample.text(responder: ["\"a\\nb\\e[0m\": 1", "\(long): 1"]))
        #expect(mistakes.first?.hasPrefix("4: there is no key `a?b?[0m` in") == true)
        #expect(mistakes.last?.hasPrefix("5: there is no key `\(long.dropLast())…` in") == true)
    }

    @Test("A repeated key is refused on its own line, as often as it is there, and hides no other mistake")
    func repeated() {
        let lines = ["mode: 0660", "\"mode\": 0660", "unknown: 1", "'mode' : 0660"]
        let text = Sample.text(responder: lines, site: ["origins: []", "origins: any", "session: never"])
        let again = "is given in `responder` already, on line"
        #expect(
            Sample.mistakes(text) == [
                "5: `mode` \(again) 4: keep one of them",
                "6: there is no key `unknown` in `responder`: its keys are "
                    + Keys.Responder.names.joined(separator: ", "),
                "7: `mode` \(again) 5: keep one of them",
                "15: `origins` is given in `sites.default` already, on line 14: keep one of them",
                "16: `session` must be one of nginx, presence, off, not `never`",
            ])
    }

    @Test("A site that is there twice is refused, in braces and after any line break too")
    func repeatedSite() {
        let site = "{ origins: [], session: nginx }"
        let text = Sample.text() + "  a: \(site)\n  \"a\": \(site)\n"
        let mistake = "`a` is given in `sites` already, on line 12: keep one of them"
        #expect(Sample.mistakes(text) == ["13: \(mistake)"])
        #expect(Sample.mistakes(text.replacing("\n", with: "\r\n")) == ["13: \(mistake)"])
        let braces = text.replacing("session: nginx }", with: "session: nginx, session: nginx }")
        #expect(Sample.mistakes(braces).count == 2)
    }

    @Test("A repeated key that is not written letter by letter is refused all the same")
    func repeatedEscape() {
        let mistake = "has a key that is given again in the same section: keep one of them"
        #expect(Sample.mistakes(Sample.text(responder: ["\"\\x6dode\": 0660", "mode: 0660"])) == ["4: \(mistake)"])
    }

    @Test("Many repeated keys are refused without reading the text for each")
    func manyRepeated() {
        let text = Sample.text(responder: Array(repeating: "mode: 0660", count: 40))
        #expect(
            Sample.mistakes(text) == ["20: has a key that is given again in the same section: keep one of them"])
    }

    @Test("A key that is no name is refused")
    func notAName() {
        #expect(
            Sample.mistakes(Sample.text(responder: ["? [a, b]", ": 1"]))
                == ["4: a key in `responder` must be a name, not a list"])
    }

    @Test("A section that is missing is asked for, with the file's other mistakes")
    func missingSections() {
        #expect(
            Sample.mistakes("responder:\n  listen: inherited\n  subjectSecret: a\n  mdoe: 1\n") == [
                "the file lacks the key `aggregator`: add it, the section of the aggregator",
                "the file lacks the key `sites`: add it, the section with a section for each site, `default` for one",
                "4: there is no key `mdoe` in `responder`: did you mean `mode`?",
            ])
    }
}
