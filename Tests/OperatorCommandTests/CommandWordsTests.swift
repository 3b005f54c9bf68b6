import Testing

@testable import OperatorCommand

@Suite("Words on the command line")
struct CommandWordsTests {
    @Test(
        "a configuration in front of the subcommand goes behind it, and all else stays",
        arguments: [
            ("--config /c status --check", "status --config /c --check"), ("--config=/c check", "check --config=/c"),
            ("--config /a --config=/b rules", "rules --config /a --config=/b"),
            ("status --config /c", "status --config /c"),
            ("--config", "--config"), ("--config /c", "--config /c"), ("--help", "--help"), ("", ""),
            ("report --config /c a22", "report --config /c a22"), ("--version --config /c", "--version --config /c"),
        ])
    func order(words: String, expected: String) {
        let ordered = CommandWords(words.split(separator: " ").map(String.init)).ordered
        #expect(ordered.joined(separator: " ") == expected)
    }

    @Test(
        "a subcommand that is misspelt is told",
        arguments: [
            ("stauts", "status"), ("--config /c reprot x", "report"), ("Check", "check"), ("simulat", "simulate"),
            ("status", nil), ("help", nil), ("--stauts", nil), ("nonsense", nil), ("", nil),
        ] as [(String, String?)])
    func meant(words: String, expected: String?) {
        #expect(CommandWords(words.split(separator: " ").map(String.init)).subcommandMeant == expected)
    }
}
