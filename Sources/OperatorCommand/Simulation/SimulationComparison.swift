import Analytics

/// What was sent beside what was counted.
struct SimulationComparison {
    struct Line: Equatable {
        let key: SimulationKey
        let subjectsSent: Int
        let subjectsCounted: Int
        /// More than one number where requests were sent again: nobody can tell which of the unanswered ones arrived.
        let eventsSent: ClosedRange<Int>
        let eventsCounted: Int

        var isEqual: Bool { subjectsSent == subjectsCounted && eventsSent.contains(eventsCounted) }
    }

    /// Sorted by outcome and conversion.
    let lines: [Line]
    private let sent: SimulationTally

    /// - Parameter report: nil when the rule version has no conversions.
    init(sent: SimulationTally, report: OutcomesReport?) {
        let rows = (report?.rows ?? []).map { (SimulationKey($0.outcome, $0.conversion), $0.conversion) }
        let counted = Dictionary(rows) { first, _ in first }
        lines = Set(sent.counts.keys).union(counted.keys).sorted().map { key in
            let count = sent.counts[key] ?? SimulationTally.Count()
            return Line(
                key: key, subjectsSent: count.visitors.count, subjectsCounted: counted[key]?.visitors ?? 0,
                eventsSent: count.acknowledged...count.attempted, eventsCounted: counted[key]?.events ?? 0)
        }
        self.sent = sent
    }

    var isEqual: Bool { lines.allSatisfy(\.isEqual) }

    /// `equal: …`, or a line for each difference.
    var closing: String {
        guard isEqual else { return lines.filter { !$0.isEqual }.map(\.difference).joined(separator: "\n") }
        let facts = "\(sent.visitors) visitors, \(sent.acknowledged) conversions, all counted"
        let again = sent.attempted - sent.acknowledged
        guard again > 0 else { return "equal: \(facts)" }
        let surplus = lines.reduce(0) { $0 + $1.eventsCounted } - sent.acknowledged
        return "equal: \(facts); \(again) requests were sent again, and \(surplus) of those are events of their own"
    }
}

extension SimulationComparison.Line {
    fileprivate var difference: String {
        let name = "\(key.outcomeID.escapedForTerminal) \(key.conversion.escapedForTerminal)"
        return "different: \(name): sent \(subjectsSent) visitors with \(eventsSent.brief) conversions, "
            + "counted \(subjectsCounted) with \(eventsCounted)"
    }
}

extension SimulationKey {
    init(_ outcome: OutcomesReport.Outcome, _ conversion: OutcomesReport.Conversion) {
        self.init(
            outcomeID: outcome.outcomeId ?? OutcomesReport.otherName,
            conversion: conversion.conversion ?? OutcomesReport.otherName)
    }
}

extension TextTable {
    init(_ comparison: SimulationComparison) {
        self.init(columns: [
            Column("outcome", shortens: true), Column("conversion", shortens: true), Column("subjects sent", .right),
            Column("counted", .right), Column("events sent", .right), Column("counted", .right), Column(""),
        ])
        for line in comparison.lines {
            append([
                line.key.outcomeID, line.key.conversion, "\(line.subjectsSent)", "\(line.subjectsCounted)",
                line.eventsSent.brief, "\(line.eventsCounted)", line.isEqual ? "" : "different",
            ])
        }
    }
}

extension ClosedRange<Int> {
    /// One number, or two with a dash.
    fileprivate var brief: String {
        lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)"
    }
}
