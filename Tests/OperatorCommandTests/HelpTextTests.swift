import ArgumentParser
import Testing

@testable import OperatorCommand

@Suite("Help texts")
struct HelpTextTests {
    @Test("A command that help shows stays in one piece, or is broken as one would type it", arguments: [60, 80])
    func examples(columns: Int) {
        for command in OperatorCommand.configuration.subcommands {
            let help = OperatorCommand.helpMessage(for: command, columns: columns)
            let shown = Set(help.split(separator: "\n", omittingEmptySubsequences: false))
            let discussion = command.configuration.discussion.split(separator: "\n")
            for line in discussion where line.hasPrefix("  ") {
                #expect(shown.contains(line), "\(line)\n\n\(help)")
            }
        }
    }
}
