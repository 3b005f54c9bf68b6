import Testing

@testable import OperatorCommand

@Suite struct TerminalTextTests {
    @Test(
        "A text is shortened to exactly the columns there are, when it does not fit",
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdef", 5, "ab…ef"), ("abcdef", 4, "ab…f"), ("abcdef", 1, "…"),
            ("abcdef", 0, ""), ("規則規則", 5, "規…則"), ("規則規則", 4, "規…"),
        ])
    func shortened(text: String, columnsMax: Int, expected: String) {
        #expect(text.shortened(columnsMax: columnsMax) == expected)
        #expect(text.shortened(columnsMax: columnsMax).columns <= columnsMax)
    }

    @Test("Text without anything to obey is left as it is", arguments: ["graph/1#1,graph/2#1", "é ü \\ \"", "規則 🙂"])
    func harmless(text: String) {
        #expect(text.escapedForTerminal == text)
    }
}
