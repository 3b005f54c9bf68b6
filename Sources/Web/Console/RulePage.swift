import Analytics
import FoundationEssentials
import Records
import Storage

/// One rule version: what may be said of its outcomes, and what is counted of them.
struct RulePage {
    struct Row {
        /// The name, and the id where that is not the name, in parts between which a line may end.
        let name: [String]
        let id: [String]
        let isBaseline: Bool
        /// The outcome's colour.
        let hue: String
        let exposed: String
        let converted: String
        let rate: String
        let interval: String?
        /// On the axis of rates; nil where there is no rate.
        let bar: Bar?
        let difference: String?
        let differenceInterval: String?
        let maturing: String
        let crossed: String?
        let unattributed: String
        let visitors: String
        let events: String
    }

    struct Bar {
        let rate: String
        let low: String?
        let high: String?
        let title: String
    }

    struct Choice {
        let value: String
        let label: String
        let isSelected: Bool
    }

    struct Link {
        let href: String
        let text: String
        let isCurrent: Bool
    }

    let frame: Frame
    let name: String
    let id: String?
    let headlines: [Headline]
    let rows: [Row]
    let axis: [Tick]
    let courses: [Course]
    let hasBands: Bool
    /// What to write to have the outcomes compared; nil where they are, or cannot be.
    let declaration: String?
    let hypothesis: String?
    let owner: String?
    let decision: String?
    /// The same days as a file; nil where there is no group.
    let courseFile: String?
    let isCohort: Bool
    let isAllTime: Bool
    /// In the time that is shown.
    let hasExposures: Bool
    let hasVisitors: Bool
    /// `date`, or `text` for a moment that a date's field cannot hold.
    let fromKind: String
    let toKind: String
    /// Which columns have anything to say.
    let hasDifferences: Bool
    let hasCrossed: Bool
    let hasUnattributed: Bool
    /// Whether anything but what a page begins with was chosen.
    let isChosen: Bool
    let notes: [String]
    /// What the rates below are worth, beside the verdict.
    let caution: String?
    /// Whether they are not to be compared.
    let isDull: Bool
    let hasGroups: Bool
    let period: String
    let conversions: [Choice]
    let baselines: [Choice]
    let bases: [Choice]
    let zones: [Choice]
    let conversion: String
    let ruleID: String
    let from: String
    let to: String
    let presets: [Link]
    /// nil where there is but one conversion.
    let overview: ConversionOverview?
    let charts: [Chart]
    let chartProblem: String?
    let refusals: [AnswerRow]
    let downloads: [Link]
    /// The page as one file.
    let file: String
    /// The page as of the end of the latest full day, or of the one that was chosen.
    let lasting: String
    let lastingDay: String
    /// As a date's field has it; empty for now.
    let asOfDay: String
    /// What is to be known above all where a day was chosen; nil for now.
    let asOfText: String?
    /// The page as of now.
    let current: String
    let journey: String?
    let asOf: String
    /// Where to find it, for whoever has it on paper: an address that goes on to show this.
    let address: String
}

extension RulePage {
    /// What the page is made of.
    struct Material {
        let query: RuleQuery
        /// The day in whose end the report is told; nil for now.
        let asOf: ReportDay?
        let report: OutcomesReport
        /// nil where it could not be had; why, `chartProblem` says.
        let series: SeriesReport?
        let chartProblem: String?
        let course: CourseReport
        let answers: AnswersReport?
        let zone: Zone
        /// By whose days the site is told of unless others are named; nil for UTC.
        let zoneOfSite: String?
        let now: Date
    }

    init(frame: Frame, _ material: Material) {
        let (query, report) = (material.query, material.report)
        let conversion = query.conversion ?? Self.mainConversion(of: report)
        let baseline = Self.baseline(query, report)
        let axis = RateAxis(highest: Self.highestRate(of: report, conversion: conversion))
        let hues = OutcomeHues(report)
        self.frame = frame
        name = report.ruleName ?? report.ruleId
        id = report.ruleName == nil ? nil : report.ruleId
        headlines =
            report.groups.isEmpty
            ? [.undeclared(outcomes: report.outcomes.count)]
            : report.groups.map {
                Headline(
                    $0, hues: hues, now: material.now, lights: TrustLights($0, of: report).all,
                    picture: query.picture(of: $0))
            }
        rows = report.outcomes.map {
            Row($0, report, conversion: conversion, baseline: baseline, hue: hues[$0.outcomeId], axis: axis)
        }
        declaration = report.groups.isEmpty ? GroupDeclaration(report, conversion: conversion)?.yaml : nil
        hypothesis = report.hypothesis
        owner = report.owner
        // On an earlier day nobody had decided yet.
        let isDecided = material.asOf.map { asOf in report.decided.map { $0 <= asOf.text } ?? true } ?? true
        decision = isDecided ? report.decision.map { DecisionText.of($0, day: report.decided) } : nil
        self.axis = axis.ticks
        let groups = material.course.groups.filter { !$0.days.isEmpty }
        courses = groups.map { Course($0, hues: hues, isOnly: groups.count == 1) }
        hasBands = courses.contains { !$0.bands.isEmpty }
        courseFile =
            groups.isEmpty || material.asOf != nil
            ? nil : Self.address("course", query, site: report.site) + "&format=csv"
        isCohort = report.basis == .cohort
        isAllTime = report.from == nil && report.to == nil
        hasExposures = report.outcomes.contains { $0.exposures > 0 }
        hasVisitors = !hasExposures && isCohort
        fromKind = Self.isDay(query.from) ? "date" : "text"
        toKind = Self.isDay(query.to) ? "date" : "text"
        hasDifferences = rows.contains { $0.difference != nil }
        hasCrossed =
            isAllTime && report.groups.flatMap(\.arms).contains { $0.crossed > 0 }
        hasUnattributed = report.rows.contains { ($0.conversion.unattributed ?? 0) > 0 }
        isChosen = query != RuleQuery(ruleID: query.ruleID, timeZone: material.zoneOfSite)
        hasGroups = !report.groups.isEmpty
        caution = Self.caution(report)
        isDull = report.groups.isEmpty ? report.outcomes.count > 1 : headlines.allSatisfy(\.rows.isEmpty)
        notes = report.notes.map { "\($0)." }
        period = Self.periodText(report, zone: material.zone)
        conversions = Self.conversionChoices(report, selected: conversion)
        baselines = Self.baselineChoices(report, selected: baseline)
        bases = Basis.allCases.map {
            Choice(value: $0.rawValue, label: $0.label, isSelected: $0 == report.basis)
        }
        zones = TimeZoneChoices.all(selected: query.timeZone ?? "UTC", ofSite: material.zoneOfSite)
        self.conversion = conversion ?? "all other conversions"
        ruleID = query.ruleID
        from = query.from ?? ""
        to = query.to ?? ""
        presets = Presets(material).links
        overview = ConversionOverview(report, query: frame.isFile ? nil : query, hues: hues)
        charts = material.series.map { Self.charts($0, report, conversion: conversion, zone: material.zone) } ?? []
        chartProblem = material.chartProblem
        refusals = Self.refusals(material.answers, report)
        downloads = Self.downloads(query, site: report.site)
        file = "result" + query.text
        let day = material.asOf?.text ?? Moment(material.now, in: .utc).isoDay(daysAgo: 1)
        lasting = "rule" + query.with { $0.asOf = day }.text
        lastingDay = Moment.day(day)
        asOfDay = material.asOf?.text ?? ""
        asOfText = material.asOf == nil ? nil : "This is the result as of the end of \(lastingDay), UTC."
        current = "rule" + query.with { $0.asOf = nil }.text
        journey = report.outcomes.contains { ($0.outcomeId ?? "").contains(",") } ? "journey" + query.text : nil
        asOf = Moment.text(asOf: report, in: material.zone)
        address =
            (material.asOf == nil ? "Its address as of the end of \(lastingDay): " : "Its address: ")
            + "…/console/\(report.site.percentEncoded)/\(lasting)"
    }

    /// The first group's, otherwise the one that is recorded most often.
    static func mainConversion(of report: OutcomesReport) -> String? {
        if let group = report.groups.first { return group.conversion }
        let events = Dictionary(
            report.rows.map { ($0.conversion.conversion.map { DimensionName($0) } ?? .other, $0.conversion.events) },
            uniquingKeysWith: +)
        let most = events.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        return most == .other ? nil : most?.description
    }

    /// Nil where none is chosen: what a group is compared with stands above.
    private static func baseline(_ query: RuleQuery, _ report: OutcomesReport) -> OutcomesReport.Outcome? {
        query.baseline.flatMap { id in report.outcomes.first { $0.outcomeId?.hasBytes(of: id) == true } }
    }

    private static func highestRate(of report: OutcomesReport, conversion: String?) -> Double {
        report.outcomes.map { outcome in
            let counted = outcome.conversion(named: conversion)
            let interval = report.basis == .cohort ? outcome.rate(of: conversion)?.interval : nil
            return max(counted?.rate ?? 0, interval?.high ?? 0)
        }.max() ?? 0
    }

    static func periodText(_ report: OutcomesReport, zone: Zone) -> String {
        let text = { (moment: String?) in moment.flatMap { Moment($0, in: zone) }?.text }
        return switch (text(report.from), text(report.to)) {
        case (nil, nil): "All time"
        case (let from?, nil): "Since \(from)"
        case (nil, let to?): "Before \(to)"
        case (let from?, let to?): "From \(from) to before \(to)"
        }
    }

    private static func conversionChoices(_ report: OutcomesReport, selected: String?) -> [Choice] {
        Set(report.rows.compactMap(\.conversion.conversion).map { DimensionName($0) }).sorted().map { name in
            let text = name.description
            return Choice(value: text, label: text, isSelected: name == selected.map { DimensionName($0) })
        }
    }

    private static func baselineChoices(
        _ report: OutcomesReport, selected: OutcomesReport.Outcome?
    ) -> [Choice] {
        report.outcomes.compactMap { outcome in
            outcome.outcomeId.map {
                Choice(value: $0, label: outcome.label.name, isSelected: selected?.isSame(as: outcome) == true)
            }
        }
    }

    private static func caution(_ report: OutcomesReport) -> String? {
        if report.groups.contains(where: \.isMismatched) {
            return "Counts only: this test is broken, so do not compare these rates."
        }
        if report.groups.isEmpty {
            return report.outcomes.count > 1
                ? "Different visitors may have seen these outcomes: do not compare these rates." : nil
        }
        return report.groups.flatMap(\.arms).contains { $0.mature > 0 }
            ? "Every visitor, also those who are too recent to judge, so these rates run low. Decide by the box above."
            : "Counts only: no visitor has had the full time yet, so do not compare these rates."
    }

    /// Whether a date's field can hold it.
    private static func isDay(_ text: String?) -> Bool {
        text.map { $0.utf8.count == 10 } ?? true
    }

    private static func downloads(_ query: RuleQuery, site: String) -> [Link] {
        let basis = "&basis=\(query.basis.rawValue)"
        let asOf = query.asOf.map { "&asOf=\($0.percentEncoded)" } ?? ""
        let full = [
            ("Spreadsheet (Excel, LibreOffice)", "outcomes", "\(query.timeText)\(asOf)\(basis)&format=xlsx"),
            ("Full report (CSV)", "outcomes", "\(query.timeText)\(asOf)\(basis)&format=csv"),
            ("Full report (NDJSON)", "outcomes", "\(query.timeText)\(asOf)\(basis)&format=ndjson"),
        ]
        let ofNow = [
            ("Spreadsheet by day", "series", "\(query.timeText)\(basis)&bucket=day&format=xlsx"),
            ("By day (CSV)", "series", "\(query.timeText)\(basis)&bucket=day&format=csv"),
            ("Zephr’s shape, totals (CSV)", "export", "\(query.timeText)&rows=total"),
            ("Zephr’s shape, daily (CSV)", "export", "\(query.timeText)&rows=daily"),
        ]
        return (full + (query.asOf == nil ? ofNow : []))
            .map { Link(href: address($0.1, query, site: site) + $0.2, text: $0.0, isCurrent: false) }
    }

    /// Where the analytics tell of the rule version.
    private static func address(_ report: String, _ query: RuleQuery, site: String) -> String {
        "../../v1/sites/\(site.percentEncoded)/\(report)?ruleId=\(query.ruleID.percentEncoded)"
    }

    private static func refusals(_ answers: AnswersReport?, _ report: OutcomesReport) -> [AnswerRow] {
        (answers?.buckets ?? []).flatMap(\.answers).map { answer in
            let outcome = answer.outcomeId.flatMap { id in
                report.outcomes.first { $0.outcomeId?.hasBytes(of: id) == true }
            }
            return AnswerRow(answer, outcome: outcome?.label.name ?? "")
        }
    }
}

extension RulePage.Row {
    /// - Parameters:
    ///   - conversion: the one that is shown; nil for all those together that have no name.
    ///   - baseline: what the outcome is set beside.
    init(
        _ outcome: OutcomesReport.Outcome, _ report: OutcomesReport, conversion: String?,
        baseline: OutcomesReport.Outcome?, hue: String, axis: RateAxis
    ) {
        let counted = outcome.conversion(named: conversion)
        let arm = report.groups.lazy.flatMap(\.arms).first { arm in
            outcome.outcomeId.map { DimensionName($0) } == DimensionName(arm.outcomeId)
        }
        let difference = baseline.flatMap {
            report.difference(of: outcome, from: $0, conversion: conversion)
        }
        name = OutcomeLabel.parts(outcome.label.name)
        id = outcome.label.id.map(OutcomeLabel.parts) ?? []
        isBaseline = baseline?.isSame(as: outcome) == true
        self.hue = hue
        exposed = outcome.exposed.grouped
        converted = counted.map { $0.converted?.grouped ?? "–" } ?? (outcome.exposed > 0 ? "0" : "–")
        let measured = report.basis == .cohort ? outcome.rate(of: conversion) : nil
        let rate = measured?.rate ?? counted?.rate
        self.rate = rate?.percent ?? "–"
        interval = measured?.interval.percent
        bar = rate.map { RulePage.Bar($0, measured?.interval, name: outcome.label.name, axis: axis) }
        self.difference = difference?.estimate.points
        differenceInterval = difference?.oneLook.points
        maturing = outcome.maturing?.grouped ?? "–"
        crossed = arm?.crossed.grouped
        unattributed = counted?.unattributed?.grouped ?? "–"
        visitors = counted?.visitors?.grouped ?? "–"
        events = counted?.events.grouped ?? "0"
    }
}

extension RulePage.Bar {
    init(_ rate: Double, _ interval: Bounds?, name: String, axis: RateAxis) {
        self.init(
            rate: axis.x(rate), low: interval.map { axis.x($0.low) }, high: interval.map { axis.x($0.high) },
            title: "\(name): \(rate.percent)" + (interval.map { ", interval \($0.percent)" } ?? ""))
    }
}

extension Basis {
    var label: String {
        switch self {
        case .cohort: "on the day they first saw it (cohort)"
        case .activity: "on every day they were active"
        }
    }
}

extension OutcomesReport.Outcome {
    var label: OutcomeLabel { OutcomeLabel(id: outcomeId, name: outcomeName) }
}
