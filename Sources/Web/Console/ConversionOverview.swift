import Analytics
import Records
import Storage

extension RulePage {
    /// Every conversion's rate under every outcome, the one that decides first.
    struct ConversionOverview {
        struct Column {
            let text: String
            /// What it is for in the rule's groups; nil where there are none.
            let part: String?
            /// Where it is shown in full; nil for all those together that have no name.
            let href: String?
        }

        struct Line {
            /// In parts between which a line may end.
            let name: [String]
            /// The outcome's colour.
            let hue: String
            let cells: [Cell]
        }

        struct Cell {
            let label: String
            let rate: String
            let converted: String
            let isDecisive: Bool
        }

        let explanation: String
        let columns: [Column]
        let lines: [Line]
        /// What is left out; nil where all is there.
        let rest: String?
    }
}

extension RulePage.ConversionOverview {
    /// More of them nobody compares by eye.
    private static let columnsMax = 12

    /// What a conversion is for in the rule's groups.
    private enum Part: Int {
        case decides, guardrail, describes

        var text: String {
            switch self {
            case .decides: "decides"
            case .guardrail: "guardrail"
            case .describes: "describes"
            }
        }
    }

    /// Nil where there is but one conversion.
    ///
    /// - Parameter query: what the page shows; nil where it links to nothing.
    init?(_ report: OutcomesReport, query: RuleQuery?, hues: OutcomeHues) {
        let all = Self.conversions(of: report)
        guard all.count > 1 else { return nil }
        let isTest = !report.groups.isEmpty
        let shown = all.prefix(Self.columnsMax)
        let hasRates = report.rows.contains { $0.conversion.converted != nil }
        explanation =
            !hasRates
            ? "No exposures are recorded, so there are no rates: how often each conversion was recorded under each outcome."
            : (report.basis == .cohort
                ? "How many of the visitors who first saw an outcome in the time above came to each conversion. "
                : "How many of an outcome’s visitors came to each conversion, on the days on which they were active. ")
                + (isTest
                    ? "Only what decides and the guardrails are judged, in the box at the top; the others describe: of many "
                        + "conversions one differs by chance."
                    : "They describe and decide nothing.")
        columns = shown.map { conversion, part in
            RulePage.ConversionOverview.Column(
                text: conversion ?? "all others", part: isTest ? part.text : nil,
                href: conversion.flatMap { name in query.map { "rule" + $0.with { $0.conversion = name }.text } })
        }
        lines = report.outcomes.map { outcome in
            Line(
                name: OutcomeLabel.parts(outcome.label.name), hue: hues[outcome.outcomeId],
                cells: shown.map { conversion, _ in
                    let counted = outcome.conversion(named: conversion)
                    let rate = report.basis == .cohort ? outcome.rate(of: conversion)?.rate : counted?.rate
                    return Cell(
                        label: conversion ?? "all others", rate: rate?.percent ?? "–",
                        converted: (counted?.converted ?? counted?.events ?? 0).grouped,
                        isDecisive: report.groups.contains {
                            $0.name == outcome.group && $0.conversion.hasBytes(of: conversion ?? "")
                        })
                })
        }
        rest =
            all.count > shown.count
            ? "\((all.count - shown.count).grouped) more conversions are not in this table." : nil
    }

    /// What decides first, then guardrails, then by how often each is recorded; nil is all those that have no name.
    private static func conversions(of report: OutcomesReport) -> [(name: String?, part: Part)] {
        let primary = Set(report.groups.map { DimensionName($0.conversion) })
        let guardrails = Set(report.groups.flatMap(\.arms).flatMap(\.guardrails).map { DimensionName($0.conversion) })
        let events = Dictionary(
            report.rows.map { ($0.conversion.conversion.map { DimensionName($0) } ?? .other, $0.conversion.events) },
            uniquingKeysWith: +)
        return events.map { name, count in
            let part: Part = primary.contains(name) ? .decides : guardrails.contains(name) ? .guardrail : .describes
            return (name, part, count)
        }.sorted { left, right in
            let (isLeftLast, isRightLast) = (left.0 == .other ? 1 : 0, right.0 == .other ? 1 : 0)
            return (left.1.rawValue, isLeftLast, -left.2, left.0) < (right.1.rawValue, isRightLast, -right.2, right.0)
        }.map { ($0.0 == .other ? nil : $0.0.description, $0.1) }
    }
}
