import Analytics
import ArgumentParser
import Daemon
import FoundationEssentials

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show what is counted under one rule version.",
        discussion: """
            There is a row for each outcome and conversion. exposed is how many visitors saw the outcome, each counted \
            once; converted is how many of them did the conversion within the window around their first exposure, and rate \
            the one divided by the other. maturing is how many of the exposed still have time to. unattributed is how many \
            visitors did the conversion and are not known to have seen the outcome; visitors is how many did it at all, and \
            events how often it was recorded, repeats included. '(other)' stands for all outcomes, or conversions, that \
            came after the configured limit of how many are told apart was reached.

            Below stands each group of outcomes that rules.yaml declares, compared by its primary conversion: mature are the \
            visitors who met the outcome first of the group's and whose window has passed, points is the rate less the \
            baseline's in percentage points, and in at least 95 of 100 groups its interval holds the true difference at every \
            look. Below it stand its guardrails: conversions whose rate may be lower than the baseline's by so many points at \
            most. Outcomes in no group are not compared: visitors are not known to be assigned to them at random. A group is \
            always reported since it began.

            --from and --to take a date, which is a whole day of --time-zone, or a time at a full quarter of an hour. By \
            --basis cohort, visitors are those first exposed in that time; by activity, those seen and those converting on \
            each of its days, added up.

            On a terminal that is too narrow, long ids are shortened in the middle, and a table is split into several; anywhere \
            else all is written out. \
            csv, ndjson and json have everything. xlsx has it as a workbook for Excel and LibreOffice, in which ids stay as they \
            are. html is the page of the console, in one file that needs nothing else; svg is a group's result as a picture, for \
            slides and documents. zephr is the shape of Zephr's own export, one row for each outcome; \
            zephr-daily has one for each outcome and day. name is what rules.yaml calls the outcome, where it does.

            Examples:
              rule-outcomes report article-22
              rule-outcomes report article-22 --format csv > a22.csv
              rule-outcomes report article-22 --format xlsx > a22.xlsx
              rule-outcomes report article-22 --site magazine.example
              rule-outcomes report article-22 --format html \\
                --as-of 2026-11-15 > a22.html
              rule-outcomes report article-22 --format svg > a22.svg
              rule-outcomes report article-22 \\
                --from 2026-11-01 --to 2026-11-30 --time-zone Asia/Tokyo
            """)

    @Argument(help: "The id of the rule version, as the pages send it in ruleId.")
    var ruleID: String

    @OptionGroup var site: SiteOptions
    @OptionGroup var analytics: AnalyticsOptions

    @Option(
        help: ArgumentHelp("The first day, or the time to begin with. Without it the first event.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("The last day, or the time to end before. Without it now.", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("Whose days are meant, such as Europe/Berlin. Without it UTC.", valueName: "name"))
    var timeZone: String?

    @Option(
        help: ArgumentHelp(
            "The day, of UTC, in whose end all is told as it was then. Without it now.", valueName: "day"))
    var asOf: String?

    @Option(help: "Whom to count in a range of time.")
    var basis = Basis.cohort

    @Option(help: "The form of the report.")
    var format = ReportFormat.table

    @Option(
        help: ArgumentHelp("The group that --format svg draws. Without it the first of rules.yaml.", valueName: "name"))
    var group: String?

    func validate() throws {
        guard group == nil || format == .svg else {
            throw ValidationError("--group goes with --format svg alone: all other formats have every group.")
        }
        guard format != .svg || (from == nil && to == nil && basis == .cohort) else {
            throw ValidationError(
                "--from, --to and --basis do not go with --format svg, which draws a group since it began: use --as-of."
            )
        }
        guard basis == .cohort || exportAddress == nil else {
            throw ValidationError(
                "--basis does not go with --format \(format.rawValue): zephr counts by the cohort, zephr-daily by days."
            )
        }
        guard asOf == nil || exportAddress == nil else {
            throw ValidationError(
                "--as-of does not go with --format \(format.rawValue), which has no verdicts: use --to.")
        }
    }

    func run() async throws {
        let query = [("basis", basis.rawValue)] + time + [("asOf", asOf)]
        let isForm = [.csv, .ndjson, .xlsx].contains(format)
        let outcomes = AnalyticsAddress.outcomes(
            site: site.site, ruleID: ruleID, [("format", isForm ? format.rawValue : "json")] + query)
        let client = AnalyticsClient(socket: try analytics.socketPath())
        let body = try await client.body(
            of: exportAddress ?? outcomes, naming: NamedReport(site: site.site, ruleID: ruleID))
        switch format {
        case .table:
            let report: OutcomesReport = try AnalyticsClient.decode(body)
            Output.standard.write(report.text(columnsMax: Output.standard.terminalColumns))
        case .html:
            // Asked for once it is known that there is one: what goes wrong with a page is told by a page.
            let page = AnalyticsAddress.page(site: site.site, ruleID: ruleID, query)
            Output.standard.write(try await client.body(of: page))
        case .svg:
            let report: OutcomesReport = try AnalyticsClient.decode(body)
            let picture = AnalyticsAddress.picture(
                site: site.site, ruleID: ruleID,
                [("group", try report.group(named: group).name), ("timeZone", timeZone), ("asOf", asOf)])
            Output.standard.write(try await client.body(of: picture))
        case .csv, .json, .ndjson, .xlsx, .zephr, .zephrDaily:
            Output.standard.write(body)
        }
    }

    private var time: [(String, String?)] {
        [("from", from), ("to", to), ("timeZone", timeZone)]
    }

    /// Where the export is, for the forms that are one.
    private var exportAddress: AnalyticsAddress? {
        switch format {
        case .zephr: .export(site: site.site, ruleID: ruleID, [("rows", ZephrExport.Variant.total.rawValue)] + time)
        case .zephrDaily:
            .export(site: site.site, ruleID: ruleID, [("rows", ZephrExport.Variant.daily.rawValue)] + time)
        case .table, .csv, .json, .ndjson, .xlsx, .html, .svg: nil
        }
    }
}

extension Basis: ExpressibleByArgument {}

extension OutcomesReport {
    /// - Parameter name: nil for the first.
    fileprivate func group(named name: String?) throws -> GroupReport {
        guard let first = groups.first else {
            throw CommandFailure.data(
                "\(ruleId.escapedForTerminal) has no group in rules.yaml, so nothing is compared that could be drawn")
        }
        guard let name else { return first }
        guard let group = groups.first(where: { $0.name.hasBytes(of: name) }) else {
            let names = groups.map(\.name.escapedForTerminal).joined(separator: ", ")
            throw CommandFailure.data(
                "\(ruleId.escapedForTerminal) has no group \(name.escapedForTerminal); it has: \(names)")
        }
        return group
    }
}

extension OutcomesReport {
    /// For people to read: tables, and what is to be known of them.
    func text(columnsMax: Int?) -> String {
        func lines(_ text: String) -> String { text.lines(columnsMax: columnsMax) }
        let groups = groups.map { group in
            "\n\(lines(group.heading))\n" + TextTable(group).text(columnsMax: columnsMax)
                + (TextTable(guardrailsOf: group).map { "\n" + $0.text(columnsMax: columnsMax) } ?? "")
                + group.warnings.map { lines("Warning: \($0.escapedForTerminal).") }.joined()
        }
        let notes = notes.map { "\n\(lines("\($0.escapedForTerminal)."))" }
        let counts = (timeText.map { "\(lines($0))\n" } ?? "") + TextTable(self).text(columnsMax: columnsMax)
        return counts + (alone.map { "\n\(lines($0))" } ?? "") + groups.joined() + notes.joined()
    }

    /// Said where several outcomes invite to a comparison.
    private var alone: String? {
        guard outcomes.count > 1, outcomes.contains(where: { $0.group == nil }) else { return nil }
        return
            "Outcomes in no group of rules.yaml are not compared: visitors are not known to be assigned to them at random."
    }

    /// What the outcomes' figures are of, where that is not all that there is.
    private var timeText: String? {
        guard from != nil || to != nil || basis == .activity else { return nil }
        let time = [from.map { "from \($0)" }, to.map { "until \($0)" }].compactMap { $0 }.joined(separator: " ")
        let whom =
            switch basis {
            case .cohort: "visitors by their first exposure"
            case .activity: "visitors by the days on which they were active"
            }
        return time.isEmpty ? whom : "\(whom), \(time)"
    }
}

extension TextTable {
    init(_ report: OutcomesReport) {
        let hasNames = report.outcomes.contains { $0.outcomeName != nil }
        self.init(
            columns: [Column("outcome", .left, .shortened)] + (hasNames ? [Column("name", .left, .shortened)] : []) + [
                Column("exposed", .right), Column("maturing", .right),
                Column("conversion", .left, .shortened, isKey: true),
                Column("converted", .right), Column("rate", .right), Column("unattributed", .right),
                Column("visitors", .right), Column("events", .right),
            ])
        for outcome in report.outcomes {
            let cells =
                [outcome.id] + (hasNames ? [outcome.outcomeName ?? ""] : [])
                + ["\(outcome.exposed)", outcome.maturing?.description ?? ""]
            for conversion in outcome.conversions { append(cells + Self.cells(of: conversion)) }
            if outcome.conversions.isEmpty { append(cells + ["", "", "", "", "", ""]) }
        }
    }

    private static func cells(of conversion: OutcomesReport.Conversion) -> [String] {
        [
            conversion.name, conversion.converted?.description ?? "",
            conversion.rate.map { "\($0.percentage)" } ?? "", conversion.unattributed?.description ?? "",
            conversion.visitors?.description ?? "",
            "\(conversion.events)",
        ]
    }
}

extension OutcomesReport.Outcome {
    /// As tables show it.
    var id: String { outcomeId ?? OutcomesReport.otherName }
}

extension OutcomesReport.Conversion {
    /// As tables show it.
    var name: String { conversion ?? OutcomesReport.otherName }
}

extension GroupReport {
    /// What is compared, and since when.
    fileprivate var heading: String {
        let mismatch =
            isMismatched
            ? "; NOT COMPARABLE: visitors are not split as declared" : ""
        return "group \(name.escapedForTerminal): \(conversion.escapedForTerminal) within \(windowDays) days, since "
            + "\(start.brief) UTC\(mismatch)"
    }
}

extension TextTable {
    init(_ group: GroupReport) {
        self.init(columns: [
            Column("outcome", .left, .shortened), Column("weight", .right), Column("mature", .right),
            Column("converted", .right), Column("rate", .right), Column("points", .right),
            Column("95 % interval", .right), Column("maturing", .right), Column("crossed", .right),
            Column("verdict", .left, .wrapped),
        ])
        for arm in group.arms {
            append([
                arm.outcomeName ?? arm.outcomeId, "\(arm.weight)", "\(arm.mature)", "\(arm.converted)",
                arm.rate?.percentage ?? "", arm.difference?.points ?? "", arm.differenceAlwaysValid?.points ?? "",
                "\(arm.maturing)", "\(arm.crossed)",
                arm.verdict.word.rawValue + (arm.verdict.reason.map { ": \($0)" } ?? ""),
            ])
        }
    }
}

extension TextTable {
    /// Nil where it has none.
    init?(guardrailsOf group: GroupReport) {
        guard group.arms.contains(where: { !$0.guardrails.isEmpty }) else { return nil }
        self.init(columns: [
            Column("guardrail", .left, .shortened, isKey: true), Column("may fall by", .right),
            Column("outcome", .left, .shortened), Column("converted", .right), Column("rate", .right),
            Column("points", .right), Column("95 % interval", .right), Column("verdict", .left, .wrapped),
        ])
        for index in group.arms[0].guardrails.indices {
            for arm in group.arms {
                let guardrail = arm.guardrails[index]
                append([
                    guardrail.conversion, (guardrail.margin * 100).withDecimals(upTo: 4),
                    arm.outcomeName ?? arm.outcomeId, "\(guardrail.converted)", guardrail.rate?.percentage ?? "",
                    guardrail.difference?.points ?? "", guardrail.differenceAlwaysValid?.points ?? "",
                    guardrail.verdict.word.rawValue + (guardrail.verdict.reason.map { ": \($0)" } ?? ""),
                ])
            }
        }
    }
}

extension Bounds {
    /// `+0.2 to +3.1`, in percentage points.
    fileprivate var points: String { "\(low.points) to \(high.points)" }
}

extension Double {
    /// A difference of rates in percentage points, with its sign: `+1.25`; with more digits where it would read as 0.
    var points: String {
        let points = self * 100
        let text = abs(points) >= 0.005 || points == 0 ? points.withDecimals(2) : points.withDigits(1)
        return self > 0 ? "+\(text)" : text
    }
}

extension Double {
    /// A rate as people read it, with three digits that count: `4.27 %`.
    var percentage: String {
        let percent = self * 100
        let digits = percent >= 10 ? 1 : percent >= 1 ? 2 : 3
        return "\(percent.withDecimals(digits)) %"
    }
}
