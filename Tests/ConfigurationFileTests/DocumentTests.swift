import ConfigurationFile
import Testing

@Suite("The document")
struct DocumentTests {
    private static let look = "look at the indentation, colons and quotes of this line and the one before it"

    @Test(
        "What is not YAML is refused with its line and none of its text",
        arguments: [
            (
                "responder:\n  listen: \"hunter2\n",
                "3: is not YAML: while scanning a quoted scalar that begins on line 2, found unexpected end of stream; "
                    + look
            ),
            (
                "responder:\n\tlisten: hunter2\n",
                "2: is not YAML: while scanning for the next token that begins on line 2, found character that cannot "
                    + "start any token; indent with spaces, not tabs, and put a value that begins with `@`, `%` or a "
                    + "backquote in quotes"
            ),
            (
                "sites:\n  a:\n    origins: *\n",
                "3: is not YAML: while scanning an alias that begins on line 3, did not find expected alphabetic or "
                    + "numeric character; a value that begins with `*` or `&` needs quotes"
            ),
            (
                "a: 1\nb: *hunter2\n",
                "2: is not YAML: found undefined alias; mark the value that it stands for with `&` and the same name, "
                    + "further up"
            ),
            ("a: 1\r\nb: \u{1}\r\n", "2: is not YAML: control characters are not allowed"),
        ])
    func syntax(text: String, mistake: String) {
        #expect(Sample.mistakes(text) == [mistake])
    }

    @Test("Without any content it is empty", arguments: ["", "\n\n", "# only a comment\n", "---\n", "~\n"])
    func empty(text: String) {
        #expect(
            Sample.mistakes(text) == ["is empty: it must have the sections `responder`, `aggregator` and `sites`"])
    }

    @Test("There is one document and no other")
    func several() {
        #expect(Sample.mistakes("---\n" + Sample.text() + "...\n") == [])
        #expect(
            Sample.mistakes(Sample.text() + "---\na: 1\n")
                == ["12: begins another YAML document: there must be only one; take the `---` out"])
    }

    @Test("The file is a section itself")
    func notASection() {
        let expected = "the file must be a section, lines of `key: value` indented beneath it"
        #expect(Sample.mistakes("# first\n- a\n") == ["2: \(expected), not a list"])
        #expect(Sample.mistakes("responder") == ["1: \(expected), not a single value"])
    }

    @Test("A byte order mark and Windows line ends do no harm")
    func windows() {
        #expect(Sample.mistakes("\u{FEFF}" + Sample.text().replacing("\n", with: "\r\n")) == [])
    }

    @Test("An alias stands for what it is an alias of, and a mistake in that is reported once")
    func aliases() throws {
        let lines = ["origins: []", "session: nginx", "jwt: &jwt", "  secret: a", "  algorithms: [HS256]"]
        let text = Sample.text(site: lines) + "  b: { origins: [], jwt: *jwt }\n  c: { origins: [], jwt: *jwt }\n"
        let sites = try Sample.configuration(text).sites
        #expect(sites["b"]?.jwt == sites["default"]?.jwt)
        #expect(
            Sample.mistakes(text.replacing("secret: a", with: "secret: []"))
                == ["13: `secret` must be the path of a file, not what is in it, not a list"])
    }

    @Test("Aliases are limited, before any is followed")
    func manyAliases() {
        let sixteen = (1...16).map { "  s\($0): *site\n" }.joined()
        let anchored = Sample.text().replacing("default:", with: "default: &site")
        let text = "# an *emphasis* is no alias\n" + anchored + sixteen
        #expect(Sample.mistakes(text) == [])
        #expect(
            Sample.mistakes(text + "  more: *site\n")
                == ["29: has more than 16 aliases (`*name`) up to here: write the values out"])
        let bomb = (1...40).map { "a\($0): &a\($0) [\(String(repeating: "*a\($0 - 1), ", count: 9))]\n" }.joined()
        let bombed = "a0: &a0 [x]\n" + bomb + "? *a40\n: 1\n"
        #expect(
            Sample.mistakes(bombed) == ["3: has more than 16 aliases (`*name`) up to here: write the values out"])
    }

    @Test(
        "What only looks like a comment hides no alias",
        arguments: ["a: \"\n# \", ", "\n# comment\r", "\n# comment\u{85}", "\n# comment\u{2028}"])
    func hiddenAliases(beginning: String) {
        let text = beginning + String(repeating: "*a, ", count: 17)
        #expect(Sample.mistakes(text) == ["2: has more than 16 aliases (`*name`) up to here: write the values out"])
    }

    @Test("Anchors are limited, and a few ampersands in texts do no harm")
    func manyAnchors() {
        let anchored = (1...4).map { "  s\($0): &s\($0) { origins: [], session: nginx }\n" }.joined()
        #expect(Sample.mistakes(Sample.text() + anchored) == [])
        #expect(
            Sample.mistakes(Sample.text() + anchored + "  s5: &s5 { origins: [], session: nginx }\n")
                == ["16: has more than 4 anchors (`&name`) up to here: write the values out"])
        let issuer = "issuer: https://id.example.com/?a=1&b=2&c=3&d=4&e=5 & more"
        #expect(Sample.mistakes(Sample.jwt(["secret: a", "algorithms: [HS256]", issuer])) == [])
        let glued = (1...5).map { "\"s\($0)\":&a\($0) x" }.joined(separator: ", ")
        #expect(
            Sample.mistakes("{ \(glued) }")
                == ["1: has more than 4 anchors (`&name`) up to here: write the values out"])
    }

    @Test(
        "A tag makes nothing of a value but the text, list or section that it is",
        arguments: [
            ("!!str nginx", []), ("!mine nginx", []), ("!!python/name:os.system nginx", []), ("!!int nginx", []),
            ("!!binary bmdpbng=", ["11: `session` must be one of nginx, presence, off, not `bmdpbng=`"]),
            ("!!set {nginx}", ["11: `session` must be one of nginx, presence, off, not a section"]),
            ("!!python/object:os.system {a: b}", ["11: `session` must be one of nginx, presence, off, not a section"]),
        ] as [(String, [String])])
    func tags(value: String, mistakes: [String]) {
        #expect(Sample.mistakes(Sample.text(site: ["origins: []", "session: \(value)"])) == mistakes)
    }

    @Test(
        "A key that is no name of a key is a mistake, whatever it is",
        arguments: [
            "? {a: 1}\n: 1", "? [a]\n: 1", "[a, b]: c", "{a: b}: c", "null: 1", "~: 1", "? \n: 1", "1: 2", "true: x",
            "\"\": 1", "!!null x: 1", "<<: {a: 1}", "!!merge <<: {a: 1}", "a: !!python/object:os.system [ls]",
        ])
    func oddKeys(text: String) {
        let mistakes = Sample.mistakes(Sample.text() + text + "\n")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasPrefix("12: ") == true, "\(mistakes)")
    }

    @Test(
        "A document nests only so deep, whatever it nests",
        arguments: ["[", "{", "{a: ", "- ", "? "])
    func deep(opening: String) {
        let text = String(repeating: opening, count: (1 << 20) / opening.utf8.count)
        let mistakes = Sample.mistakes(text)
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasPrefix("1: is not YAML: ") == true && mistakes.first?.contains("nesting") == true)
    }

    @Test("All mistakes are reported at once, in the order of their lines")
    func together() {
        let text = Sample.text(
            listen: "tcp:9000", responder: ["inFlightMax: 0", "group: 33"], aggregator: ["mode: 9"],
            site: ["origins: any", "session: nginx", "jwt:", "  secret: a", "  algorithms: [RS256]", "  isuer: x"])
        let lines = Sample.mistakes(text).map { String($0.prefix { $0 != ":" }) }
        #expect(lines == ["2", "4", "5", "10", "17", "18"])
    }

    @Test("Its description is one line for each mistake, as compilers put it")
    func description() {
        #expect {
            try Configuration.parse(text: Sample.text(listen: "x", responder: ["mdoe: 1"]), file: "conf/a.yaml")
        } throws: { error in
            let lines = "\(error)".split(separator: "\n")
            return lines.count == 2 && lines[0].hasPrefix("conf/a.yaml:2: `listen` must be")
                && lines[1] == "conf/a.yaml:4: there is no key `mdoe` in `responder`: did you mean `mode`?"
        }
    }
}
