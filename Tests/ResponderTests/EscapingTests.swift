import Testing

@testable import Responder

@Suite("Escaping")
struct EscapingTests {
    @Test(
        "control characters are written out",
        arguments: [
            ("plain", "plain"), ("a\nb", #"a\u{a}b"#), ("\r\n", #"\u{d}\u{a}"#), ("\0", #"\u{0}"#),
            ("\u{1B}[31m", #"\u{1b}[31m"#), ("\u{7F}", #"\u{7f}"#), ("\u{80}\u{9F}", #"\u{80}\u{9f}"#),
            ("\u{A0}é日😀", "\u{A0}é日😀"), (#"\"'<>"#, #"\"'<>"#), ("", ""),
        ])
    func controls(text: String, escaped: String) {
        #expect(text.escaped() == escaped)
    }

    @Test("separators that end a line are written out")
    func lineSeparators() {
        #expect("a\u{2028}b\u{2029}".escaped() == #"a\u{2028}b\u{2029}"#)
    }

    @Test("a text is cut where it is longer than allowed, and says so")
    func cut() {
        #expect("abcd".escaped(charactersMax: 4) == "abcd")
        #expect("abcde".escaped(charactersMax: 4) == "abcd…")
        #expect("\n\n\n".escaped(charactersMax: 2) == #"\u{a}\u{a}…"#)
        #expect(String(repeating: "x", count: 1000).escaped().count == 121)
    }

    @Test("characters that are made of several are cut between these, not left whole beyond measure")
    func combining() {
        let text = "e" + String(repeating: "\u{301}", count: 1000)
        #expect(text.count == 1)
        #expect(text.escaped(charactersMax: 10).unicodeScalars.count == 11)
    }
}
