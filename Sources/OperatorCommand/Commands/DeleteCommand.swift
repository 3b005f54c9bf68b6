import ArgumentParser
import Daemon
import Records

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete what is counted of rule versions or an outcome, for good.",
        discussion: """
            Shows what is counted of them, and deletes it once the id is typed again, or how many they are: counts, what is known \
            of their visitors, how requests about them were answered, and what the journal still has of them, so that it is not \
            counted again when the store is made anew. The place that they took under the limits is free. It cannot be taken \
            back: `rule-outcomes hide` can.

            What is recorded under the same ids from then on is counted anew, so mend first whatever sends them. A rule version or an \
            outcome that a declared group compares is not deleted: take the group out of the rules first. Nor can what is \
            counted under '(other)' be told apart. Backups keep what they have.

            It needs both of the aggregator's sockets, and to be run as root or as the aggregator's user, which logs who has asked. It \
            returns when all is done, and says on standard error what it is doing. When it is ended after it said "deleting", or \
            the aggregator is, the aggregator goes on. The journal is gone through once for 500 of them.

            Examples:
              sudo rule-outcomes delete articel-22
              sudo rule-outcomes delete article-22 \\
                --outcome 'graph/1#9' --site magazine.example
              sudo xargs -d '\\n' rule-outcomes delete --yes \\
                < ids.txt
            """)

    @OptionGroup var parts: RulePartOptions

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let aggregator = try parts.configuration.load().aggregator
        let counted = try await parts.counted(AnalyticsClient(socket: aggregator.analyticsSocket))
        let confirmation = DeletionConfirmation(counted, of: parts)
        Output.error.write(confirmation.text)
        if !yes {
            Output.error.write(confirmation.question)
            guard confirmation.isGiven(by: readLine()) else { throw CommandFailure.negative("nothing is deleted") }
        }
        let client = try AggregatorClient(socket: aggregator.socket)
        let count = try client.tidy(.delete, parts.parts, progress: RulePartOptions.show)
        let what = parts.outcome == nil ? count == 1 ? "rule version" : "rule versions" : "outcome"
        Output.standard.write("\(count) \(what) deleted; what is recorded from now on is counted anew\n")
    }
}

/// What is asked before anything is deleted.
struct DeletionConfirmation {
    /// How many are shown one by one.
    private static let shownMax = 20

    /// What is about to be deleted.
    let text: String
    private let expected: String

    init(_ counted: [CountedPart], of options: RulePartOptions) {
        let place = options.outcome == nil ? "" : " of '\(options.ruleIDs[0].escapedForTerminal)'"
        let heading = "About to be deleted, of site '\(options.site.site.escapedForTerminal)':\n"
        let lines = counted.prefix(Self.shownMax).map { "  '\($0.id.escapedForTerminal)'\(place): \($0.text)\n" }
        let rest = counted.count > lines.count ? "  and \(counted.count - lines.count) more\n" : ""
        text = heading + lines.joined() + rest
        expected = counted.count == 1 ? counted[0].id : "\(counted.count)"
        isCount = counted.count != 1
    }

    private let isCount: Bool

    var question: String {
        "It cannot be taken back. Type \(isCount ? "how many they are" : "the id") to delete: "
    }

    /// - Parameter line: what was typed; nil at the end of the input.
    func isGiven(by line: String?) -> Bool {
        line?.hasBytes(of: expected) == true
    }
}
