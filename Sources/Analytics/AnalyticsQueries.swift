import ConfigurationFile
import Records
import Storage

/// The questions that people ask of a store.
public struct AnalyticsQueries: Sendable {
    private let store: any OutcomeStore
    private let catalogue: Catalogue
    private let nowMilliseconds: @Sendable () -> Int64
    private let countedUntilMilliseconds: @Sendable () -> Int64

    /// A site that is configured exists, whether it has records or not. What the catalogue has a name for is told with it.
    ///
    /// - Parameters:
    ///   - nowMilliseconds: the time of day, since 1970, UTC.
    ///   - countedUntilMilliseconds: the time up to which all records are counted; nil where that is now.
    public init(
        store: any OutcomeStore, catalogue: Catalogue,
        nowMilliseconds: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() },
        countedUntilMilliseconds: (@Sendable () -> Int64)? = nil
    ) {
        self.store = store
        self.catalogue = catalogue
        self.nowMilliseconds = nowMilliseconds
        self.countedUntilMilliseconds = countedUntilMilliseconds ?? nowMilliseconds
    }

    /// To be asked for before the store is read, which may only have come further since.
    private var counted: CountedTime {
        CountedTime(until: countedUntilMilliseconds(), nowMilliseconds: nowMilliseconds())
    }

    /// The sites that are configured or have records.
    public func sites() async throws(StorageError) -> SitesReport {
        SitesReport(sites: catalogue.sites.union(try await store.sites()).sorted())
    }

    /// The rule versions of a site; nil when there is no such site.
    public func rules(site: String) async throws(StorageError) -> RulesReport? {
        let counted = counted
        let summaries = try await store.rules(site: site)
        guard !summaries.isEmpty || catalogue.sites.contains(site) else { return nil }
        return RulesReport(site: site, summaries: summaries, names: catalogue.rules, asOf: counted.asOf)
    }

    /// What is counted under one rule version; nil when the site has no records of it.
    ///
    /// - Parameter day: in whose end it is told as it was then; nil for now.
    /// - Throws: `StorageError`, or `ReportFault` for more days than activity is told of.
    public func outcomes(
        site: String, ruleID: String, period: ReportPeriod = .allTime, basis: Basis = .cohort,
        asOf day: ReportDay? = nil
    ) async throws -> OutcomesReport? {
        guard let counts = try await counts(site: site, ruleID: ruleID, period: period, asOf: day) else { return nil }
        return try await outcomes(counts, period: period, basis: basis)
    }

    /// How the declared groups of a rule version came to where they are; nil when the site has no records of it.
    public func course(site: String, ruleID: String) async throws(StorageError) -> CourseReport? {
        try await counts(site: site, ruleID: ruleID, period: .allTime, asOf: nil).map(course)
    }

    /// Both, of the same moment.
    public func outcomesAndCourse(
        site: String, ruleID: String, period: ReportPeriod, basis: Basis, asOf day: ReportDay?
    ) async throws -> (outcomes: OutcomesReport, course: CourseReport)? {
        guard let counts = try await counts(site: site, ruleID: ruleID, period: period, asOf: day) else { return nil }
        return (try await outcomes(counts, period: period, basis: basis), course(counts))
    }

    /// What a store has of one rule version.
    private struct RuleCounts {
        let site: String
        let ruleID: String
        let counted: CountedTime
        let terms: RuleTerms
        let ranges: RuleRanges.Counts
        /// Of each group, until then.
        let groupDays: [[GroupDay]]
    }

    private func counts(
        site: String, ruleID: String, period: ReportPeriod, asOf day: ReportDay?
    ) async throws(StorageError) -> RuleCounts? {
        let counted = counted.asOf(day)
        let ranges = { @Sendable (terms: RuleTerms) in
            RuleRanges(terms, whole: period.range, asOf: counted.asOf, until: counted.until)
        }
        let report = try await store.report(site: site, rule: DimensionName(ruleID)) { ranges($0).all }
        return report.map { report in
            RuleCounts(
                site: site, ruleID: ruleID, counted: counted, terms: report.terms,
                ranges: ranges(report.terms).assign(report.counts),
                groupDays: report.groupDays.map { days in
                    days.filter { $0.start < counted.until ?? Range<Quarter>.all.upperBound }
                })
        }
    }

    private func outcomes(_ counts: RuleCounts, period: ReportPeriod, basis: Basis) async throws -> OutcomesReport {
        let (site, ruleID, groups) = (counts.site, counts.ruleID, counts.terms.groups)
        let hidden = try await hiddenOutcomes(site: site, ruleID: ruleID)
        let until = counts.counted.until
        let epochs = try await store.epochs().filter { $0 < until?.startMilliseconds ?? .max }
        let answers = try await answers(site: site, rule: DimensionName(ruleID), sinceGroups: groups, until: until)
        let siteAnswers = try await self.answers(site: site, rule: nil, sinceGroups: groups, until: until)
        let active =
            basis == .activity
            ? try await activity(site: site, ruleID: ruleID, .day, period.until(until)).map(\.content) : nil
        let names = catalogue.rules
        return OutcomesReport(
            site: site, ruleID: ruleID, period: period, counts: hidden.leave(counts.ranges.whole),
            maturing: counts.ranges.maturing.map(hidden.leave),
            windowDays: counts.terms.windows.last?.days ?? CountingWindow.defaultDays,
            hasExposures: counts.ranges.hasExposures, active: active,
            groups: groups.indices.map { index in
                GroupReport(
                    groups[index], exposed: counts.ranges.groups[index].exposed,
                    mature: counts.ranges.groups[index].mature, days: counts.groupDays[index],
                    answers: answers[index], siteAnswers: siteAnswers[index], epochs: epochs
                ) { names.name(ofOutcome: $0, rule: ruleID, site: site) }
            }, epochs: epochs, counted: counts.counted, hidden: hidden, names: names)
    }

    private func course(_ counts: RuleCounts) -> CourseReport {
        let (site, ruleID, asOf) = (counts.site, counts.ruleID, counts.counted.asOf)
        let names = catalogue.rules
        return CourseReport(
            site: site, ruleId: ruleID, ruleName: names.name(ofRule: ruleID, site: site),
            asOf: Timestamp(milliseconds: asOf.startMilliseconds),
            groups: zip(zip(counts.terms.groups, counts.ranges.groups), counts.groupDays).map {
                GroupCourse($0.0, exposed: $0.1.exposed, mature: $0.1.mature, days: $1, asOf: asOf) {
                    names.name(ofOutcome: $0, rule: ruleID, site: site)
                }
            })
    }

    /// By whose days people are told of a site unless they ask for others: a name of the tz database.
    public func timeZone(ofSite name: String) -> String? {
        catalogue.timeZone(ofSite: name)
    }

    /// What people call a step on the way to a rule version's outcomes, given the whole way to it; nil where no step has a name.
    public func stepNames(site: String, ruleID: String) -> (([String]) -> String?)? {
        let rules = catalogue.rules
        guard rules.sites[site]?.rules[OpaqueID(ruleID)]?.stepNames.isEmpty == false else { return nil }
        return { rules.name(ofStep: $0, rule: ruleID, site: site) }
    }

    /// What of a rule version's is left out of its reports. Outcomes of groups are not: what is compared is seen.
    private func hiddenOutcomes(site: String, ruleID: String) async throws -> HiddenOutcomes {
        HiddenOutcomes(of: RulePart(site: site, ruleID: ruleID), among: try await store.hiddenParts())
    }

    /// The declared groups of one rule version, each since it began; none where none is declared, or nothing recorded.
    public func groups(site: String, ruleID: String) async throws -> [GroupReport] {
        let rules = catalogue.rules.sites[site]?.rules
        guard rules?[OpaqueID(ruleID)]?.groups.isEmpty == false else { return [] }
        return try await outcomes(site: site, ruleID: ruleID)?.groups ?? []
    }

    /// The groups of rule versions of a site that are declared and have records, with what people call those; of the first
    /// `countMax` of them by id, since each is a report.
    ///
    /// - Parameter includesDecided: whether those are among them that have been decided.
    public func groups(
        site: String, countMax: Int = 100, includesDecided: Bool = true
    ) async throws -> [(ruleID: String, name: String?, groups: [GroupReport])] {
        let grouped = (catalogue.rules.sites[site]?.rules ?? [:])
            .filter { !$0.value.groups.isEmpty && (includesDecided || $0.value.test.decision == nil) }
        var all: [(String, String?, [GroupReport])] = []
        for (id, rule) in grouped.sorted(by: { $0.key < $1.key }) {
            guard all.count < countMax else { break }
            let groups = try await groups(site: site, ruleID: id.text)
            if !groups.isEmpty { all.append((id.text, rule.name, groups)) }
        }
        return all
    }

    /// The answers to requests about a rule version's outcomes, or to all of the site's, since each of its groups began and until a
    /// moment.
    private func answers(
        site: String, rule: DimensionName?, sinceGroups groups: [GroupPeriod], until: Quarter?
    ) async throws -> [[AnswerCounts]] {
        guard !groups.isEmpty else { return [] }
        let ranges = groups.map { Maturity.whole(of: $0, until: until) }
        let answers = try await store.answers(site: site, rule: rule) { _ in ranges }
        return answers?.map(\.content) ?? groups.map { _ in [] }
    }
}

extension AnalyticsQueries {
    /// More of them than this nobody reads, and they would take long.
    private static let bucketsMax = 5000

    /// What is counted under one rule version in buckets; nil when the site has no records of it.
    ///
    /// - Parameter keepsEmpty: whether buckets in which nothing happened are in it, too.
    /// - Throws: `StorageError`, or `ReportFault` for too many buckets.
    public func series(
        site: String, ruleID: String, width: BucketWidth, period: ReportPeriod = .allTime, basis: Basis = .cohort,
        keepsEmpty: Bool = false
    ) async throws -> SeriesReport? {
        let counted = counted
        let counts = try await store.series(site: site, rule: DimensionName(ruleID)) { extent in
            Self.buckets(width, of: period, extent)
        }
        guard let counts, let hasExposures = try await store.hasExposures(site: site, rule: DimensionName(ruleID))
        else { return nil }
        try Self.check(counts.count, width)
        let hidden = try await hiddenOutcomes(site: site, ruleID: ruleID)
        let epochs = try await store.epochs()
        var active: [[ActivityCounts]]?
        if basis == .activity {
            let ranges = counts.map(\.range)
            let spans = try await store.activity(site: site, rule: DimensionName(ruleID)) { _ in ranges }
            active = spans?.map { hidden.leave($0.content) } ?? ranges.map { _ in [] }
        }
        return SeriesReport(
            site: site, ruleID: ruleID, period: period, width: width,
            counts: counts.map { Bucket($0.range, hidden.leave($0.content)) },
            hasExposures: hasExposures, active: active, epochs: epochs, counted: counted, hidden: hidden,
            keepsEmpty: keepsEmpty, names: catalogue.rules)
    }

    /// What is counted under one rule version in the shape of Zephr's export; nil when the site has no records of it.
    ///
    /// - Throws: `StorageError`, or `ReportFault` for too many days or conversions.
    public func export(
        site: String, ruleID: String, variant: ZephrExport.Variant, period: ReportPeriod = .allTime
    ) async throws -> ZephrExport? {
        let hidden = try await hiddenOutcomes(site: site, ruleID: ruleID)
        let rows: [ZephrExport.Row]
        switch variant {
        case .total:
            let ranges = [period.range, .all]
            guard let report = try await store.report(site: site, rule: DimensionName(ruleID), in: ranges) else {
                return nil
            }
            let hasExposures = report.counts[1].contains { $0.exposures > 0 }
            rows = hidden.leave(report.counts[0]).map { ZephrExport.Row($0, hasExposures: hasExposures) }
        case .daily:
            guard let hasExposures = try await store.hasExposures(site: site, rule: DimensionName(ruleID))
            else { return nil }
            rows = try await activity(site: site, ruleID: ruleID, .day, period).flatMap { day in
                ZephrExport.Row.rows(
                    of: hidden.leave(day.content), day: period.text(day.range.lowerBound), hasExposures: hasExposures)
            }
        }
        return try ZephrExport(
            site: site, ruleID: ruleID, variant: variant, period: period, rows: rows, names: catalogue.rules)
    }

    /// How requests were answered, of a site or of one rule version; nil when there is no such site, or no records of the rule
    /// version.
    ///
    /// - Parameter width: nil for one bucket.
    /// - Throws: `StorageError`, or `ReportFault` for too many buckets.
    public func answers(
        site: String, ruleID: String? = nil, width: BucketWidth? = nil, period: ReportPeriod = .allTime
    ) async throws -> AnswersReport? {
        let answers = try await store.answers(site: site, rule: ruleID.map { DimensionName($0) }) { extent in
            if let width { return Self.buckets(width, of: period, extent) }
            return extent.flatMap(period.range(within:)).map { [$0] } ?? []
        }
        guard answers != nil || (ruleID == nil && catalogue.sites.contains(site)) else { return nil }
        if let width { try Self.check(answers?.count ?? 0, width) }
        return AnswersReport(site: site, ruleID: ruleID, period: period, width: width, answers: answers ?? [])
    }

    /// Who was active in each bucket; empty when the site has no records of the rule version.
    private func activity(
        site: String, ruleID: String, _ width: BucketWidth, _ period: ReportPeriod
    ) async throws -> [Bucket<[ActivityCounts]>] {
        let activity = try await store.activity(site: site, rule: DimensionName(ruleID)) { extent in
            Self.buckets(width, of: period, extent)
        }
        try Self.check(activity?.count ?? 0, width)
        return activity ?? []
    }

    /// Those of the period in which there may be something: no more than are allowed, and one. Full ones where the period does
    /// not cut them, so a little more than the events' own time is looked at.
    private static func buckets(
        _ width: BucketWidth, of period: ReportPeriod, _ extent: Range<Quarter>?
    ) -> [Range<Quarter>] {
        guard let extent else { return [] }
        let margin = Int64(ActivityCounts.spanQuartersMax)
        let about = Quarter(extent.lowerBound.number - margin)..<Quarter(extent.upperBound.number + margin)
        return width.buckets(of: period.range.clamped(to: about), in: period.timeZone, countMax: bucketsMax)
    }

    private static func check(_ count: Int, _ width: BucketWidth) throws(ReportFault) {
        guard count <= bucketsMax else { throw .tooManyBuckets(width, max: bucketsMax) }
    }
}
