import ConfigurationFile
import Statistics
import Storage

/// What is counted under one rule version in some time. Visitors are distinct subjects.
public struct OutcomesReport: Codable, Sendable, Equatable {
    public struct Outcome: Codable, Sendable, Equatable {
        /// nil for all those together that came when the rule's limit of outcomes was reached.
        public let outcomeId: String?
        /// What people call it; nil where none is declared.
        public let outcomeName: String?
        /// Where it stands in Zephr's own export; nil where that is not declared.
        public let outcomeTab: String?
        public let outcomePath: String?
        /// By the cohort: visitors whose first exposure to it lies in the time. By activity: visitors who met it, added up
        /// over days.
        public let exposed: Int
        /// All recorded exposures, repeats included.
        public let exposures: Int
        /// Those of `exposed` whose window had not passed at `asOf`; nil by activity.
        public let maturing: Int?
        /// The declared group that it is in, by name; nil where it is in none.
        public let group: String?
        /// What may be said of it beside its group's baseline, of the group's whole time.
        public let verdict: Verdict
        /// Sorted by name.
        public let conversions: [Conversion]
    }

    public struct Conversion: Codable, Sendable, Equatable {
        /// nil for all those together that came when the outcome's limit of conversions was reached.
        public let conversion: String?
        /// By the cohort: those of `exposed` that did it within the window; nil where the rule version has no exposures at all.
        /// By activity: visitors that did it, added up over days.
        public let converted: Int?
        /// `converted` ÷ `exposed`; nil where nobody was exposed.
        public let rate: Double?
        /// Where the rate is with 95 % confidence, for one look (Wilson); nil by activity, where visitors may be in it
        /// several times.
        public let rateInterval: Bounds?
        /// Visitors that did it for the first time and were never exposed; nil by activity.
        public let unattributed: Int?
        /// Visitors that did it for the first time, exposed or not; nil by activity.
        public let visitors: Int?
        /// All recorded calls, repeats included.
        public let events: Int
    }

    /// An outcome that the report has no figures of.
    public struct DeclaredOutcome: Codable, Sendable, Equatable {
        public let outcomeId: String
        public let outcomeName: String?
        public let outcomeTab: String?
        public let outcomePath: String?
    }

    public let site: String
    public let ruleId: String
    /// What people call it; nil where none is declared.
    public let ruleName: String?
    /// What `rules.yaml` says of its test; nil where it does not.
    public let hypothesis: String?
    public let owner: String?
    /// What was decided, and on which day, `2026-11-30`; nil while nothing is.
    public let decision: String?
    public let decided: String?
    public let basis: Basis
    /// A name of the tz database.
    public let timeZone: String
    /// Where the time begins, and before which moment it ends; nil where that is open.
    public let from: String?
    public let to: String?
    /// The start of the quarter of an hour up to which all records are counted, which is the running one unless there is a
    /// backlog: what matures is told there.
    public let asOf: Timestamp
    /// How many days after a first exposure of now a conversion belongs to it; a group has its own.
    public let windowDays: Int
    /// When the subject secret was changed, so that returning visitors counted anew from then on; the first one's beginning
    /// is not among them.
    public let epochs: [Timestamp]
    /// Sorted by name.
    public let outcomes: [Outcome]
    /// Those that `rules.yaml` declares and that have no records, by id; nil where there are none.
    public let unseenOutcomes: [DeclaredOutcome]?
    /// Those that are hidden, by id; nil where none is.
    public let hiddenOutcomes: [DeclaredOutcome]?
    /// What is to be known of the figures: a sentence each.
    public let notes: [String]
    /// The declared groups, each since it began, whatever the report's time; outcomes that are in none cannot be compared, as
    /// nothing says that they are random.
    public let groups: [GroupReport]

    /// Each conversion with the outcome that it is under.
    public var rows: [(outcome: Outcome, conversion: Conversion)] {
        outcomes.flatMap { outcome in outcome.conversions.map { (outcome, $0) } }
    }

    /// What a table shows for rules, outcomes or conversions that have no name of their own.
    public static let otherName = "(other)"
}

extension OutcomesReport {
    /// - Parameters:
    ///   - counts: of all that is to be reported.
    ///   - maturing: of what had not matured as of `counted`, any number of ranges.
    ///   - windowDays: what holds for exposures now.
    ///   - hasExposures: whether the rule version has any, at any time.
    ///   - active: who was active, on each day; nil by the cohort.
    ///   - epochs: when each began, milliseconds since 1970, UTC.
    ///   - hidden: what is not among the counts.
    init(
        site: String, ruleID: String, period: ReportPeriod = .allTime, counts: [OutcomeCounts],
        maturing: [[OutcomeCounts]], windowDays: Int = CountingWindow.defaultDays, hasExposures: Bool,
        active: [[ActivityCounts]]? = nil, groups: [GroupReport] = [],
        epochs: [Int64] = [], counted: CountedTime, hidden: HiddenOutcomes = .none, names: Rules = .none
    ) {
        self.site = site
        ruleId = ruleID
        ruleName = names.name(ofRule: ruleID, site: site)
        basis = active == nil ? .cohort : .activity
        timeZone = period.timeZoneName
        from = period.startText
        to = period.endText
        self.groups = groups
        self.epochs = epochs.dropFirst().map { Timestamp(milliseconds: $0) }
        notes =
            ReportNotes(period: period, hasGroups: !groups.isEmpty, epochs: epochs, counted: counted).sentences
            + [hidden.sentence].compactMap { $0 }
        let test = names.test(ofRule: ruleID, site: site)
        hypothesis = test.hypothesis
        owner = test.owner
        decision = test.decision?.text
        decided = test.decision?.day
        self.windowDays = windowDays
        self.asOf = Timestamp(milliseconds: counted.asOf.startMilliseconds)
        let activity = active.map { ActivityIndex($0.joined()) }
        let declared = { (id: String) in DeclaredOutcome(id, rule: ruleID, site: site, names) }
        let known = Set(counts.map(\.outcome)).union(hidden.ids)
        let unseen = (names.sites[site]?.rules[OpaqueID(ruleID)]?.outcomeIDs ?? []).sorted().map(\.text)
            .filter { !known.contains(DimensionName($0)) }
        unseenOutcomes = unseen.isEmpty ? nil : unseen.map(declared)
        hiddenOutcomes = hidden.ids.isEmpty ? nil : hidden.ids.compactMap(\.named).map(declared)
        outcomes = counts.enumerated().map { index, counts in
            Outcome(
                counts, declared: counts.outcome.named.map(declared),
                maturing: maturing.reduce(0) { $0 + $1[index].exposed }, activity: activity,
                place: GroupPlace(of: counts.outcome, in: groups), hasExposures: hasExposures)
        }
    }
}

/// Where an outcome stands among the groups.
private struct GroupPlace {
    let name: String?
    let verdict: Verdict

    init(of outcome: DimensionName, in groups: [GroupReport]) {
        let places = groups.lazy.flatMap { group in group.arms.map { (group, $0) } }
        let place = places.first { DimensionName($1.outcomeId) == outcome }
        name = place?.0.name
        verdict =
            place?.1.verdict
            ?? Verdict(.cannotBeCompared, "visitors are not known to be assigned at random: the outcome is in no group")
    }
}

extension OutcomesReport.DeclaredOutcome {
    fileprivate init(_ id: String, rule: String, site: String, _ names: Rules) {
        let place = names.place(ofOutcome: id, rule: rule, site: site)
        self.init(
            outcomeId: id, outcomeName: names.name(ofOutcome: id, rule: rule, site: site), outcomeTab: place.tab,
            outcomePath: place.path)
    }
}

extension OutcomesReport.Outcome {
    fileprivate init(
        _ counts: OutcomeCounts, declared: OutcomesReport.DeclaredOutcome?, maturing: Int, activity: ActivityIndex?,
        place: GroupPlace,
        hasExposures: Bool
    ) {
        let exposed = activity?.count(counts.outcome) ?? counts.exposed
        self.init(
            outcomeId: counts.outcome.named, outcomeName: declared?.outcomeName, outcomeTab: declared?.outcomeTab,
            outcomePath: declared?.outcomePath, exposed: exposed, exposures: counts.exposures,
            maturing: activity == nil ? maturing : nil, group: place.name, verdict: place.verdict,
            conversions: counts.conversions.map { conversion in
                if let activity {
                    let converted = activity.count(counts.outcome, conversion.conversion)
                    return OutcomesReport.Conversion(conversion, converted: converted, ofActive: exposed)
                }
                return OutcomesReport.Conversion(conversion, ofExposed: exposed, hasExposures: hasExposures)
            })
    }
}

extension OutcomesReport.Conversion {
    /// By the cohort.
    init(_ counts: ConversionCounts, ofExposed exposed: Int, hasExposures: Bool) {
        let proportion = Proportion(successes: counts.converted, trials: exposed)
        self.init(
            conversion: counts.conversion.named, converted: hasExposures ? counts.converted : nil,
            rate: proportion?.rate, rateInterval: proportion?.wilsonInterval(.fivePercent).map(Bounds.init),
            unattributed: counts.unattributed, visitors: counts.converters, events: counts.events)
    }

    /// By activity. Not all who convert on a day need have met the outcome on it.
    init(_ counts: ConversionCounts, converted: Int, ofActive active: Int) {
        self.init(
            conversion: counts.conversion.named, converted: converted,
            rate: active > 0 ? Double(converted) / Double(active) : nil, rateInterval: nil, unattributed: nil,
            visitors: nil, events: counts.events)
    }
}

extension OutcomesReport {
    /// Whether it is of the end of that day, and not of now, where that is not over yet.
    public func isAsOf(_ day: ReportDay) -> Bool {
        asOf == Timestamp(milliseconds: day.end.startMilliseconds)
    }

    /// Two rates side by side. It describes; what decides is the verdict of a declared group.
    public struct Difference: Sendable, Equatable {
        /// The one rate less the other.
        public let estimate: Double
        /// Where the true difference is with 95 % confidence, for one look (Newcombe).
        public let oneLook: Bounds
    }

    /// An outcome's rate less a baseline's; nil by activity, of an outcome and itself, and where one of the two has no rate.
    ///
    /// - Parameter conversion: its name; nil for all those together that have none of their own.
    public func difference(of outcome: Outcome, from baseline: Outcome, conversion: String?) -> Difference? {
        guard basis == .cohort, !outcome.isSame(as: baseline),
            let own = outcome.proportion(of: conversion), let other = baseline.proportion(of: conversion),
            let difference = RateDifference(own, minus: other)
        else { return nil }
        return Difference(
            estimate: difference.estimate, oneLook: Bounds(difference.newcombeInterval(.fivePercent)))
    }
}

extension OutcomesReport.Outcome {
    /// Ids are opaque, so two of them are the same when their bytes are.
    public func isSame(as other: OutcomesReport.Outcome) -> Bool {
        outcomeId.map { DimensionName($0) } == other.outcomeId.map { DimensionName($0) }
    }

    /// What is counted of a conversion under it; nil where that is nothing.
    public func conversion(named name: String?) -> OutcomesReport.Conversion? {
        conversions.first { $0.conversion.map { DimensionName($0) } == name.map { DimensionName($0) } }
    }

    /// The rate of a conversion, also of one that nobody did, and where it is with 95 % confidence; nil where nobody was
    /// exposed.
    public func rate(of conversion: String?) -> (rate: Double, interval: Bounds)? {
        guard let proportion = proportion(of: conversion), let rate = proportion.rate,
            let interval = proportion.wilsonInterval(.fivePercent)
        else { return nil }
        return (rate, Bounds(interval))
    }

    /// Nil where the rule version has no exposures. Whoever did nothing has done none of it.
    fileprivate func proportion(of conversion: String?) -> Proportion? {
        let counted = self.conversion(named: conversion)
        guard counted == nil || counted?.converted != nil else { return nil }
        return Proportion(successes: counted?.converted ?? 0, trials: exposed)
    }
}

extension OutcomesReport {
    /// All that the report has: a row for each outcome and conversion, and one for an outcome without conversions, whose
    /// conversion's cells are empty. The cell of an outcome or conversion that has no name of its own is empty, as no real
    /// name is. What is compared stands in the row of the group's conversion.
    public var table: ReportTable {
        var table = ReportTable(columns: [
            "site", "rule", "outcome", "conversion", "exposed", "converted", "rate", "rateLow", "rateHigh", "maturing",
            "crossed", "unattributed", "visitors", "events", "exposures", "group", "groupSince", "groupMature",
            "groupConverted",
            "groupRate", "difference", "differenceLow", "differenceHigh", "differenceOneLookLow",
            "differenceOneLookHigh", "lift", "liftLow", "liftHigh", "guardrailMargin", "verdict", "verdictReason",
            "warnings", "ruleName", "outcomeName", "basis", "from", "to", "timeZone", "asOf", "notes",
        ])
        for outcome in outcomes {
            let conversions = outcome.conversions.isEmpty ? [nil] : outcome.conversions.map { Optional($0) }
            for conversion in conversions { table.append(cells(outcome, conversion)) }
        }
        return table
    }

    private func cells(_ outcome: Outcome, _ conversion: Conversion?) -> [ReportTable.Cell] {
        let group = groups.first { $0.name == outcome.group }
        let arm = group?.arms.first { DimensionName($0.outcomeId) == outcome.outcomeId.map { DimensionName($0) } }
        let name = conversion?.conversion.map { DimensionName($0) }
        let isPrimary = name != nil && name == group.map { DimensionName($0.conversion) }
        let guardrail = name.flatMap { name in arm?.guardrails.first { DimensionName($0.conversion) == name } }
        let compared = isPrimary ? arm : nil
        let verdict = isPrimary || group == nil ? outcome.verdict : Verdict.otherConversion(than: group?.conversion)
        let interval = compared?.differenceAlwaysValid ?? guardrail?.differenceAlwaysValid
        return [
            .text(site), .text(ruleId), .text(outcome.outcomeId), .text(conversion?.conversion),
            .number(outcome.exposed), .number(conversion?.converted), .decimal(conversion?.rate),
            .decimal(conversion?.rateInterval?.low), .decimal(conversion?.rateInterval?.high),
            .number(outcome.maturing), .number(arm?.crossed), .number(conversion?.unattributed),
            .number(conversion?.visitors), .number(conversion?.events), .number(outcome.exposures),
            .text(outcome.group), .text(group?.start.text), .number(isPrimary || guardrail != nil ? arm?.mature : nil),
            .number(compared?.converted ?? guardrail?.converted), .decimal(compared?.rate ?? guardrail?.rate),
            .decimal(compared?.difference ?? guardrail?.difference), .decimal(interval?.low),
            .decimal(interval?.high), .decimal(compared?.differenceOneLook?.low),
            .decimal(compared?.differenceOneLook?.high), .decimal(compared?.lift),
            .decimal(compared?.liftAlwaysValid?.low), .decimal(compared?.liftAlwaysValid?.high),
            .decimal(guardrail?.margin), .text(guardrail?.verdict.word.rawValue ?? verdict.word.rawValue),
            .text(guardrail == nil ? verdict.reason : guardrail?.verdict.reason),
            .text(isPrimary ? group?.warnings.joined(separator: "; ") : nil), .text(ruleName),
            .text(outcome.outcomeName), .text(basis.rawValue), .text(from), .text(to),
            .text(timeZone), .text(asOf.text), .text(notes.joined(separator: "; ")),
        ]
    }
}

extension Verdict {
    fileprivate static func otherConversion(than conversion: String?) -> Verdict {
        Verdict(.cannotBeCompared, "the group is compared by \(conversion ?? ""); see that row")
    }
}
