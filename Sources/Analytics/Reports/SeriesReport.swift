import ConfigurationFile
import Storage

/// What is counted under one rule version, by pieces of time. Pieces in which nothing happened are left out, and in each
/// what nothing happened of.
public struct SeriesReport: Codable, Sendable, Equatable {
    public struct Bucket: Codable, Sendable, Equatable {
        /// In the report's time zone, as RFC 3339 has it: `2026-11-01T00:00:00+01:00`.
        public let start: String
        /// The moment before which it ends.
        public let end: String
        public let outcomes: [Outcome]
    }

    public struct Outcome: Codable, Sendable, Equatable {
        /// nil for all those together that came when the rule's limit of outcomes was reached.
        public let outcomeId: String?
        /// By the cohort: visitors whose first exposure to it lies in the bucket. By activity: visitors who met it in it.
        public let exposed: Int
        /// All recorded exposures, repeats included.
        public let exposures: Int
        public let conversions: [Conversion]
    }

    public struct Conversion: Codable, Sendable, Equatable {
        /// nil for all those together that came when the outcome's limit of conversions was reached.
        public let conversion: String?
        /// By the cohort: those of `exposed` that did it within the window, whenever that was; nil where the rule version has no
        /// exposures at all. By activity: visitors that did it in the bucket.
        public let converted: Int?
        /// Visitors that did it for the first time in the bucket and were never exposed; nil by activity.
        public let unattributed: Int?
        /// Visitors that did it for the first time in the bucket, exposed or not; nil by activity.
        public let visitors: Int?
        /// All recorded calls in the bucket, repeats included.
        public let events: Int
    }

    public let site: String
    public let ruleId: String
    public let ruleName: String?
    public let basis: Basis
    public let bucket: BucketWidth
    /// A name of the tz database.
    public let timeZone: String
    /// Where the time begins, and before which moment it ends; nil where that is open.
    public let from: String?
    public let to: String?
    /// What is to be known of the figures: a sentence each.
    public let notes: [String]
    public let buckets: [Bucket]
}

extension SeriesReport {
    /// - Parameters:
    ///   - hasExposures: whether the rule version has any, at any time.
    ///   - active: who was active in each bucket; nil by the cohort.
    ///   - keepsEmpty: whether buckets in which nothing happened are in it, too.
    ///   - epochs: when each began, milliseconds since 1970, UTC.
    init(
        site: String, ruleID: String, period: ReportPeriod, width: BucketWidth,
        counts: [Storage.Bucket<[OutcomeCounts]>], hasExposures: Bool, active: [[ActivityCounts]]? = nil,
        epochs: [Int64], counted: CountedTime? = nil, hidden: HiddenOutcomes = .none, keepsEmpty: Bool = false,
        names: Rules = .none
    ) {
        self.site = site
        ruleId = ruleID
        ruleName = names.name(ofRule: ruleID, site: site)
        basis = active == nil ? .cohort : .activity
        bucket = width
        timeZone = period.timeZoneName
        from = period.startText
        to = period.endText
        notes =
            ReportNotes(period: period, hasGroups: false, epochs: epochs, counted: counted).sentences
            + [hidden.sentence].compactMap { $0 }
        buckets = counts.enumerated().compactMap { index, bucket in
            let activity = active.map { ActivityIndex($0[index]) }
            let outcomes = bucket.content.compactMap {
                Outcome($0, hasExposures: hasExposures, active: activity).unlessEmpty
            }
            guard keepsEmpty || !outcomes.isEmpty else { return nil }
            return Bucket(
                start: period.text(bucket.range.lowerBound), end: period.text(bucket.range.upperBound),
                outcomes: outcomes)
        }
    }

    public var table: ReportTable {
        var table = ReportTable(columns: [
            "site", "rule", "outcome", "conversion", "bucketStart", "bucketEnd", "exposed", "converted",
            "unattributed", "visitors", "events", "exposures", "ruleName", "basis", "timeZone",
        ])
        for bucket in buckets {
            for outcome in bucket.outcomes {
                let conversions = outcome.conversions.isEmpty ? [nil] : outcome.conversions.map { Optional($0) }
                for conversion in conversions {
                    table.append([
                        .text(site), .text(ruleId), .text(outcome.outcomeId), .text(conversion?.conversion),
                        .text(bucket.start), .text(bucket.end), .number(outcome.exposed),
                        .number(conversion?.converted), .number(conversion?.unattributed),
                        .number(conversion?.visitors), .number(conversion?.events), .number(outcome.exposures),
                        .text(ruleName), .text(basis.rawValue), .text(timeZone),
                    ])
                }
            }
        }
        return table
    }
}

extension SeriesReport.Outcome {
    /// - Parameter active: who was active in the bucket; nil by the cohort. Whoever was active has caused an event, so that
    ///   there are counts of each.
    fileprivate init(_ counts: OutcomeCounts, hasExposures: Bool, active: ActivityIndex?) {
        let subjects = { (conversion: DimensionName?) in active?.count(counts.outcome, conversion) ?? 0 }
        self.init(
            outcomeId: counts.outcome.named, exposed: active == nil ? counts.exposed : subjects(nil),
            exposures: counts.exposures,
            conversions: counts.conversions.map { conversion in
                SeriesReport.Conversion(
                    conversion: conversion.conversion.named,
                    converted: active != nil
                        ? subjects(conversion.conversion) : hasExposures ? conversion.converted : nil,
                    unattributed: active == nil ? conversion.unattributed : nil,
                    visitors: active == nil ? conversion.converters : nil, events: conversion.events)
            }.filter { !$0.isEmpty })
    }

    /// nil where nothing happened: by activity a cohort's first exposures are no matter.
    fileprivate var unlessEmpty: Self? {
        exposed == 0 && exposures == 0 && conversions.isEmpty ? nil : self
    }
}

extension SeriesReport.Conversion {
    fileprivate var isEmpty: Bool {
        (converted ?? 0) == 0 && events == 0 && (unattributed ?? 0) == 0 && (visitors ?? 0) == 0
    }
}

/// Whom a report counts in a range of time.
public enum Basis: String, Codable, Sendable, CaseIterable {
    /// Visitors whose first exposure lies in it, with what they did within the window. Ranges add up.
    case cohort
    /// Visitors seen, and visitors converting, on each of its days, whenever they were exposed first. One who comes on two
    /// days counts on both.
    case activity
}

/// Visitors who were active, to be looked up by what they did; those of several days added up.
struct ActivityIndex {
    private struct Key: Hashable {
        let outcome: DimensionName
        let conversion: DimensionName?
    }

    private let counts: [Key: Int]

    init(_ activity: some Sequence<ActivityCounts>) {
        counts = Dictionary(
            activity.map { (Key(outcome: $0.outcome, conversion: $0.conversion), $0.subjects) }, uniquingKeysWith: +)
    }

    /// `conversion` is nil for those who met the outcome.
    func count(_ outcome: DimensionName, _ conversion: DimensionName? = nil) -> Int {
        counts[Key(outcome: outcome, conversion: conversion)] ?? 0
    }
}
