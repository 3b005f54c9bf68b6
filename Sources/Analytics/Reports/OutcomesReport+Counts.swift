import ConfigurationFile
import Statistics
import Storage

extension OutcomesReport {
    /// - Parameters:
    ///   - counts: of all that is to be reported.
    ///   - maturing: of what had not matured as of `counted`, any number of ranges.
    ///   - windowDays: what holds for exposures now.
    ///   - hasExposures: whether the rule version has any, at any time.
    ///   - active: who was active, on each day; nil by the cohort.
    ///   - epochs: when each began, milliseconds since 1970, UTC.
    init(
        site: String, ruleID: String, period: ReportPeriod = .allTime, counts: [OutcomeCounts],
        maturing: [[OutcomeCounts]], windowDays: Int = CountingWindow.defaultDays, hasExposures: Bool,
        active: [[ActivityCounts]]? = nil, groups: [GroupReport] = [],
        epochs: [Int64] = [], counted: CountedTime, names: Rules = .none
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
        notes = ReportNotes(period: period, hasGroups: !groups.isEmpty, epochs: epochs, counted: counted).sentences
        self.windowDays = windowDays
        self.asOf = Timestamp(milliseconds: counted.asOf.startMilliseconds)
        let activity = active.map { ActivityIndex($0.joined()) }
        outcomes = counts.enumerated().map { index, counts in
            Outcome(
                counts, name: counts.outcome.named.flatMap { names.name(ofOutcome: $0, rule: ruleID, site: site) },
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

extension OutcomesReport.Outcome {
    fileprivate init(
        _ counts: OutcomeCounts, name: String?, maturing: Int, activity: ActivityIndex?, place: GroupPlace,
        hasExposures: Bool
    ) {
        let exposed = activity?.count(counts.outcome) ?? counts.exposed
        self.init(
            outcomeId: counts.outcome.named, outcomeName: name, exposed: exposed, exposures: counts.exposures,
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
