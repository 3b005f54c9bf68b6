import Analytics
import ArgumentParser

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the aggregator is doing.",
        discussion: """
            backlog is how many of the journal's commits are not in the reports yet; it is near 0 except under load and \
            after a start. The counts, and the answers that responders gave to requests, are since the aggregator was \
            started. refused are records that found the disk full, and were answered 503.

            Examples:
              rule-outcomes status
              rule-outcomes status --format json --socket /run/rule-outcomes/analytics.sock
            """)

    @OptionGroup var analytics: AnalyticsOptions

    @Option(help: "The form of the status. json gives exactly what the aggregator answers.")
    var format = ListFormat.table

    func run() async throws {
        let body = try await AnalyticsClient.open(socket: analytics.socketPath()) { try await $0.body(of: .status) }
        guard format == .table else { return Output.standard.write(body) }
        let report: StatusReport = try AnalyticsClient.decode(body)
        let columnsMax = Output.standard.terminalColumns
        Output.standard.write(TextTable(report).text(columnsMax: columnsMax))
        guard !report.answers.isEmpty else { return }
        Output.standard.write("\n" + TextTable(report.answers).text(columnsMax: columnsMax))
    }
}

extension StatusReport {
    /// How many of the journal's commits the reports do not count yet.
    var backlog: Int64 { max(0, journalSequence - foldedSequence) }
}

extension TextTable {
    init(_ report: StatusReport) {
        self.init(columns: [Column("aggregator"), Column("", .right)])
        append(["journal sequence", "\(report.journalSequence)"])
        append(["folded sequence", "\(report.foldedSequence)"])
        append(["backlog", "\(report.backlog)"])
        append(["responders", "\(report.responders)"])
        append(["records", "\(report.records)"])
        append(["duplicates", "\(report.duplicates)"])
        append(["refused", "\(report.refused)"])
        append(["commits", "\(report.commits)"])
        append(["microseconds a commit", "\(report.commitMicrosecondsMean)"])
    }

    init(_ answers: [StatusReport.Answers]) {
        self.init(columns: [Column("site"), Column("status", .right), Column("reason"), Column("answers", .right)])
        for answer in answers {
            append([answer.site, "\(answer.status)", answer.reason, "\(answer.count)"])
        }
    }
}
