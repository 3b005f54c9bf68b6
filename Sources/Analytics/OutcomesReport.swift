import ConfigurationFile
import Storage

/// What is counted under one rule version: a row for each outcome and conversion.
public struct OutcomesReport: Codable, Sendable, Equatable {
    public struct Row: Codable, Sendable, Equatable {
        /// nil for all those together that came when the rule's limit of outcomes was reached.
        public let outcomeId: String?
        /// What people call it; nil where none is declared.
        public let outcomeName: String?
        /// nil for all those together that came when the outcome's limit of conversions was reached.
        public let conversion: String?
        /// How many distinct subjects did it, exactly.
        public let subjects: Int
        /// All recorded calls, repeats included.
        public let events: Int
        public let firstEvent: Timestamp
        public let lastEvent: Timestamp
    }

    public let site: String
    public let ruleId: String
    /// What people call it; nil where none is declared.
    public let ruleName: String?
    /// Sorted by outcome and conversion.
    public let rows: [Row]

    init(site: String, ruleID: String, report: RuleReport, names: Rules = .none) {
        self.site = site
        ruleId = ruleID
        ruleName = names.name(ofRule: ruleID, site: site)
        rows = report.outcomes.flatMap { outcome in
            let name = outcome.outcome.named.flatMap { names.name(ofOutcome: $0, rule: ruleID, site: site) }
            return outcome.conversions.map { Row(outcome: outcome.outcome, name: name, conversion: $0) }
        }
    }
}

extension OutcomesReport.Row {
    init(outcome: DimensionName, name: String?, conversion: ConversionReport) {
        self.init(
            outcomeId: outcome.named, outcomeName: name, conversion: conversion.conversion.named,
            subjects: conversion.subjects,
            events: conversion.events, firstEvent: Timestamp(milliseconds: conversion.firstEventMilliseconds),
            lastEvent: Timestamp(milliseconds: conversion.lastEventMilliseconds))
    }
}

extension OutcomesReport {
    /// What a table shows for rules, outcomes or conversions that have no name of their own.
    public static let otherName = "(other)"

    /// The report as RFC 4180 has CSV, with a header row. The cell of an outcome or conversion that has no name of its
    /// own is empty, as no real name is.
    public var csv: String {
        var table = CSVTable(header: [
            "site", "rule", "outcome", "conversion", "subjects", "events", "firstEvent", "lastEvent",
        ])
        for row in rows {
            table.append([
                .text(site), .text(ruleId), .text(row.outcomeId ?? ""),
                .text(row.conversion ?? ""), .number(row.subjects), .number(row.events),
                .text(row.firstEvent.text), .text(row.lastEvent.text),
            ])
        }
        return table.text
    }
}
