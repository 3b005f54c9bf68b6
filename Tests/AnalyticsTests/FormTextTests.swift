import Analytics
import Testing

@Suite("The text of a form")
struct FormTextTests {
    @Test(
        "a plus is a space, %xx a byte, and what is no escape stays as it is",
        arguments: [
            ("a+b", "a b"), ("a%20b", "a b"), ("a%2Bb", "a+b"), ("%c3%BC", "ü"), ("%", "%"), ("%2", "%2"),
            ("%zz", "%zz"),
            ("%%41", "%A"), ("", ""), ("%FF", "\u{FFFD}"), ("graph/1%231,x", "graph/1#1,x"), ("a=b", "a=b"),
        ])
    func values(text: String, expected: String) {
        #expect(FormText.pairs("n=\(text)").map(\.value) == [expected])
    }

    @Test("names are decoded as values are, and parts without an equals sign have none")
    func names() {
        let pairs = FormText.pairs("rule%49d=1&&b&=c&d=")
        #expect(pairs.map(\.name) == ["ruleId", "b", "", "d"])
        #expect(pairs.map(\.value) == ["1", "", "c", ""])
        #expect(FormText.pairs("").isEmpty)
    }
}
