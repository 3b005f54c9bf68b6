import Analytics
import ArgumentParser
import Daemon

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the aggregator is doing.",
        discussion: """
            First a verdict, healthy, degraded or critical, with what is wrong and what to do. Then four tables: the \
            aggregator, the responders that are connected, how many names each site uses of those that \
            are told apart, and what responders answered. A fifth has the records whose ids or names are evidently \
            mistakes, where there are any. Counts are since the aggregator, or the responder, was started.

            backlog is how many of the journal's commits are not in the reports yet, and reports' age how long ago all \
            was in them; both are near 0 except under load, after a start, and when the disk is full. refused are records \
            that found the disk full and were answered 503. counted as (other) are records with a name beyond the limit. \
            A clock's difference is the responder's less the aggregator's, the time on the way included. The door log is \
            nginx's log of exposures, where nobody waits for an answer and the status is 0. A mistake is a template that \
            nobody filled in, such as {{ruleId}}; undefined, null or [object Object], which scripts send; or a blank text. \
            Such records are counted like any other.

            With --check there is the verdict alone, and the exit status is what Nagios and its like expect: 0 for healthy, \
            1 for degraded, and 2 for critical, which the aggregator out of reach is, too.

            The same, for Prometheus, is at /metrics on the analytics socket.

            Examples:
              rule-outcomes status --check
              rule-outcomes status
              rule-outcomes status --format json \\
                --socket /run/rule-outcomes/analytics.sock
            """)

    @OptionGroup var analytics: AnalyticsOptions

    @Option(help: "The form of the status. json gives exactly what the aggregator answers.")
    var format = ListFormat.table

    @Flag(help: "Show only the verdict, and end with a status by it, as monitoring expects.")
    var check = false

    func run() async throws {
        if check { return try await self.checking() }
        let body = try await AnalyticsClient(socket: analytics.socketPath()).body(of: .status)
        guard format == .table else { return Output.standard.write(body) }
        let report: StatusReport = try AnalyticsClient.decode(body)
        let columnsMax = Output.standard.terminalColumns
        let verdict = StatusVerdict(report).text.split(separator: "\n")
        Output.standard.write(verdict.map { String($0).lines(columnsMax: columnsMax) }.joined() + "\n")
        let tables = [
            TextTable(report), TextTable(report.responders), TextTable(report.dimensions, of: report.limits),
            TextTable(report.answers), TextTable(report.mistakes),
        ]
        let texts = tables.filter { !$0.isEmpty }.map { $0.text(columnsMax: columnsMax) }
        Output.standard.write(texts.joined(separator: "\n"))
    }
}

extension StatusCommand {
    private func checking() async throws {
        let verdict: StatusVerdict
        do throws(CommandFailure) {
            verdict = StatusVerdict(try await AnalyticsClient(socket: analytics.socketPath()).status())
        } catch {
            verdict = StatusVerdict(unreachable: error)
        }
        Output.standard.write(verdict.text)
        if verdict.exitStatus != 0 { throw ExitCode(verdict.exitStatus) }
    }
}

/// How all is, in a word, and why.
struct StatusVerdict {
    /// 0, 1 or 2, as Nagios has it.
    let exitStatus: Int32
    /// A line with the verdict, and one for each further thing that is wrong.
    let text: String

    init(_ report: StatusReport) {
        let lines = report.signs.map { "\($0.text) \($0.help)\n" }
        let worst = report.signs.map(\.severity).max() ?? .note
        exitStatus = Int32(worst.rawValue)
        let count = report.responders.count
        switch worst {
        case .note:
            let responders = count == 1 ? "1 responder is" : "\(count) responders are"
            text = "healthy: \(responders) connected, and reports are up to date\n" + lines.joined()
        case .warning: text = "degraded: \(lines.joined())"
        case .critical: text = "critical: \(lines.joined())"
        }
    }

    /// - Parameter failure: why the aggregator could not be asked.
    init(unreachable failure: CommandFailure) {
        exitStatus = 2
        text = "critical: \(failure.text.trimmingPrefix("Error: "))\n"
    }
}

extension TextTable {
    init(_ report: StatusReport) {
        self.init(columns: [Column("aggregator"), Column("", .right, .wrapped)])
        let overflow = report.overflow
        for (name, value) in [
            ("version", report.version), ("started (UTC)", report.started.brief),
            ("journal sequence", "\(report.journalSequence)"), ("folded sequence", "\(report.foldedSequence)"),
            ("backlog", "\(report.backlog)"), ("reports' age", "\(report.foldAgeMilliseconds) ms"),
            ("counted until (UTC)", report.countedUntil.brief), ("times set right", "\(report.timesSetRight)"),
            ("journal's size", "\(report.journalBytes >> 20) MiB"), ("records in flight", "\(report.recordsInFlight)"),
            ("records", "\(report.records)"), ("duplicates", "\(report.duplicates)"), ("refused", "\(report.refused)"),
            ("commits", "\(report.commits)"), ("microseconds a commit", "\(report.commitMicrosecondsMean)"),
            ("counted as (other)", "\(overflow.sites + overflow.rules + overflow.outcomes + overflow.conversions)"),
            ("reloads", "\(report.reloads)"), ("failed reloads", "\(report.reloadsFailed)"),
        ] { append([name, value]) }
        if let doubt = report.clockDoubtMilliseconds {
            append(["clock not believed", "\(StatusReport.distance(milliseconds: Int64(doubt))) the last records"])
        }
    }

    init(_ responders: [StatusReport.Responder]) {
        self.init(columns: [
            Column("responder (pid)", .right), Column("in flight", .right), Column("connections", .right),
            Column("reloads", .right), Column("failed reloads", .right), Column("clock", .right),
        ])
        for responder in responders {
            let told = [
                responder.recordsInFlight, responder.connections, responder.reloads, responder.reloadsFailed,
            ].map { $0.map { "\($0)" } ?? "" }
            let clock = responder.clockDifferenceMilliseconds.map { "\($0) ms" } ?? ""
            append(["\(responder.processId)"] + told + [clock])
        }
    }

    init(_ uses: [StatusReport.Dimensions], of limits: StatusReport.Limits) {
        self.init(columns: [
            Column("site", .left, .shortened), Column("rules", .right), Column("limit", .right),
            Column("outcomes of the fullest rule", .right), Column("limit", .right),
        ])
        for use in uses {
            append([
                use.site, "\(use.rules)", "\(limits.rulesPerSite)", "\(use.outcomesOfFullestRule)",
                "\(limits.outcomesPerRule)",
            ])
        }
    }

    init(_ mistakes: [StatusReport.Mistakes]) {
        self.init(columns: [
            Column("site", .left, .shortened), Column("field"), Column("mistake"), Column("records", .right),
        ])
        for mistake in mistakes {
            append([mistake.site, mistake.field, mistake.mistake, "\(mistake.count)"])
        }
    }

    init(_ answers: [StatusReport.Answers]) {
        self.init(columns: [
            Column("site", .left, .shortened), Column("door"), Column("status", .right),
            Column("reason", .left, .shortened), Column("answers", .right),
        ])
        for answer in answers {
            append([answer.site, answer.door, "\(answer.status)", answer.reason, "\(answer.count)"])
        }
    }
}

extension Timestamp {
    /// The moment to the minute for a table: `2026-11-23 09:30`, in UTC.
    var brief: String {
        String(text.prefix(16).map { $0 == "T" ? " " : $0 })
    }
}
