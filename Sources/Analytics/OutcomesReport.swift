import ConfigurationFile
import Statistics
import Storage

/// What is counted under one rule version. Visitors are distinct subjects.
public struct OutcomesReport: Codable, Sendable, Equatable {
    public struct Outcome: Codable, Sendable, Equatable {
        /// nil for all those together that came when the rule's limit of outcomes was reached.
        public let outcomeId: String?
        /// What people call it; nil where none is declared.
        public let outcomeName: String?
        /// Visitors whose first exposure to it is recorded.
        public let exposed: Int
        /// All recorded exposures, repeats included.
        public let exposures: Int
        /// Those of `exposed` whose window had not passed at `asOf`.
        public let maturing: Int
        /// Sorted by name.
        public let conversions: [Conversion]
    }

    public struct Conversion: Codable, Sendable, Equatable {
        /// nil for all those together that came when the outcome's limit of conversions was reached.
        public let conversion: String?
        /// Those of `exposed` that did it within the window; nil where the rule version has no exposures at all.
        public let converted: Int?
        /// `converted` ÷ `exposed`; nil where nobody was exposed.
        public let rate: Double?
        /// Where the rate is with 95 % confidence, for one look (Wilson).
        public let rateInterval: Bounds?
        /// Visitors that did it and were never exposed.
        public let unattributed: Int
        /// Visitors that did it, exposed or not.
        public let visitors: Int
        /// All recorded calls, repeats included.
        public let events: Int
    }

    public let site: String
    public let ruleId: String
    /// What people call it; nil where none is declared.
    public let ruleName: String?
    /// The last full quarter of an hour, at whose end what matures is told.
    public let asOf: Timestamp
    /// When the subject secret was changed, so that returning visitors counted anew from then on; the first one's beginning
    /// is not among them.
    public let epochs: [Timestamp]
    /// Sorted by name.
    public let outcomes: [Outcome]
    /// The declared groups; outcomes that are in none cannot be compared, as nothing says that they are random.
    public let groups: [GroupReport]

    /// Each conversion with the outcome that it is under.
    public var rows: [(outcome: Outcome, conversion: Conversion)] {
        outcomes.flatMap { outcome in outcome.conversions.map { (outcome, $0) } }
    }
}

extension OutcomesReport {
    /// - Parameters:
    ///   - counts: of all that is to be reported.
    ///   - epochs: when each began, milliseconds since 1970, UTC.
    ///   - maturing: of what had not matured at `asOf`, any number of ranges.
    init(
        site: String, ruleID: String, counts: [OutcomeCounts], maturing: [[OutcomeCounts]],
        groups: [GroupReport] = [], epochs: [Int64] = [], asOf: Quarter, names: Rules = .none
    ) {
        let hasExposures = counts.contains { $0.exposures > 0 }
        self.site = site
        ruleId = ruleID
        ruleName = names.name(ofRule: ruleID, site: site)
        self.groups = groups
        self.epochs = epochs.dropFirst().map { Timestamp(milliseconds: $0) }
        self.asOf = Timestamp(milliseconds: asOf.startMilliseconds)
        outcomes = counts.enumerated().map { index, counts in
            Outcome(
                counts, name: counts.outcome.named.flatMap { names.name(ofOutcome: $0, rule: ruleID, site: site) },
                maturing: maturing.reduce(0) { $0 + $1[index].exposed }, hasExposures: hasExposures)
        }
    }
}

extension OutcomesReport.Outcome {
    fileprivate init(_ counts: OutcomeCounts, name: String?, maturing: Int, hasExposures: Bool) {
        self.init(
            outcomeId: counts.outcome.named, outcomeName: name, exposed: counts.exposed, exposures: counts.exposures,
            maturing: maturing,
            conversions: counts.conversions.map { conversion in
                OutcomesReport.Conversion(
                    conversion: conversion.conversion.named,
                    converted: hasExposures ? conversion.converted : nil,
                    rate: counts.exposed > 0 ? Double(conversion.converted) / Double(counts.exposed) : nil,
                    rateInterval: Proportion(successes: conversion.converted, trials: counts.exposed)?
                        .wilsonInterval(.fivePercent).map(Bounds.init),
                    unattributed: conversion.unattributed, visitors: conversion.converters, events: conversion.events)
            })
    }
}

extension OutcomesReport {
    /// What a table shows for rules, outcomes or conversions that have no name of their own.
    public static let otherName = "(other)"

    /// The report as RFC 4180 has CSV, with a header row. The cell of an outcome or conversion that has no name of its
    /// own is empty, as no real name is; an outcome without conversions has a row whose conversion's cells are all empty.
    public var csv: String {
        var table = CSVTable(header: [
            "site", "rule", "outcome", "conversion", "exposed", "exposures", "maturing", "converted", "rate",
            "rateLow", "rateHigh", "unattributed", "visitors", "events",
        ])
        for outcome in outcomes {
            let conversions = outcome.conversions.isEmpty ? [nil] : outcome.conversions.map { Optional($0) }
            for conversion in conversions {
                table.append([
                    .text(site), .text(ruleId), .text(outcome.outcomeId ?? ""), .text(conversion?.conversion ?? ""),
                    .number(outcome.exposed), .number(outcome.exposures), .number(outcome.maturing),
                    .number(conversion?.converted), .decimal(conversion?.rate),
                    .decimal(conversion?.rateInterval?.low), .decimal(conversion?.rateInterval?.high),
                    .number(conversion?.unattributed),
                    .number(conversion?.visitors), .number(conversion?.events),
                ])
            }
        }
        return table.text
    }
}
