import ConfigurationFile
import Records
import Storage

/// The questions that people ask of a store.
public struct AnalyticsQueries<Store: OutcomeStore>: Sendable {
    let store: Store
    let catalogue: Catalogue
    private let nowMilliseconds: @Sendable () -> Int64
    private let countedUntilMilliseconds: @Sendable () -> Int64

    /// A site that is configured exists, whether it has records or not. What the catalogue has a name for is told with it.
    ///
    /// - Parameters:
    ///   - nowMilliseconds: the time of day, since 1970, UTC.
    ///   - countedUntilMilliseconds: the time up to which all records are counted; nil where that is now.
    public init(
        store: Store, catalogue: Catalogue,
        nowMilliseconds: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() },
        countedUntilMilliseconds: (@Sendable () -> Int64)? = nil
    ) {
        self.store = store
        self.catalogue = catalogue
        self.nowMilliseconds = nowMilliseconds
        self.countedUntilMilliseconds = countedUntilMilliseconds ?? nowMilliseconds
    }

    /// To be asked for before the store is read, which may only have come further since.
    var counted: CountedTime {
        CountedTime(until: countedUntilMilliseconds(), nowMilliseconds: nowMilliseconds())
    }

    /// The sites that are configured or have records.
    public func sites() async throws(StorageError) -> SitesReport {
        SitesReport(sites: catalogue.sites.union(try await store.sites()).sorted())
    }

    /// The rule versions of a site; nil when there is no such site.
    public func rules(site: String) async throws(StorageError) -> RulesReport? {
        let summaries = try await store.rules(site: site)
        guard !summaries.isEmpty || catalogue.sites.contains(site) else { return nil }
        return RulesReport(site: site, summaries: summaries, names: catalogue.rules)
    }

    /// What is counted under one rule version; nil when the site has no records of it.
    ///
    /// - Throws: `StorageError`, or `ReportFault` for more days than activity is told of.
    public func outcomes(
        site: String, ruleID: String, period: ReportPeriod = .allTime, basis: Basis = .cohort
    ) async throws -> OutcomesReport? {
        let counted = counted
        let asOf = counted.asOf
        let rule = DimensionName(ruleID)
        let report = try await store.report(site: site, rule: rule) { terms in
            RuleRanges(terms, whole: period.range, asOf: asOf).all
        }
        guard let report else { return nil }
        let counts = RuleRanges(report.terms, whole: period.range, asOf: asOf).assign(report.counts)
        let epochs = try await store.epochs()
        let answers = try await answers(site: site, rule: rule, sinceGroups: report.terms.groups)
        let siteAnswers = try await self.answers(site: site, rule: nil, sinceGroups: report.terms.groups)
        let active =
            basis == .activity ? try await activity(site: site, ruleID: ruleID, .day, period).map(\.content) : nil
        let names = catalogue.rules
        return OutcomesReport(
            site: site, ruleID: ruleID, period: period, counts: counts.whole, maturing: counts.maturing,
            windowDays: report.terms.windows.last?.days ?? CountingWindow.defaultDays,
            hasExposures: counts.hasExposures, active: active,
            groups: report.terms.groups.indices.map { index in
                GroupReport(
                    report.terms.groups[index], exposed: counts.groups[index].exposed,
                    mature: counts.groups[index].mature, days: report.groupDays[index],
                    answers: answers[index], siteAnswers: siteAnswers[index], epochs: epochs
                ) { names.name(ofOutcome: $0, rule: ruleID, site: site) }
            }, epochs: epochs, counted: counted, names: names)
    }

    /// The declared groups of one rule version, each since it began; none where none is declared, or nothing recorded.
    public func groups(site: String, ruleID: String) async throws -> [GroupReport] {
        let rules = catalogue.rules.sites[site]?.rules
        guard rules?[OpaqueID(ruleID)]?.groups.isEmpty == false else { return [] }
        return try await outcomes(site: site, ruleID: ruleID)?.groups ?? []
    }

    /// The groups of rule versions of a site that are declared, with what people call those; of the first hundred of
    /// them by id, since each is a report.
    public func groups(site: String) async throws -> [(ruleID: String, name: String?, groups: [GroupReport])] {
        let grouped = (catalogue.rules.sites[site]?.rules ?? [:]).filter { !$0.value.groups.isEmpty }
        var all: [(String, String?, [GroupReport])] = []
        for (id, rule) in grouped.sorted(by: { $0.key < $1.key }).prefix(100) {
            all.append((id.text, rule.name, try await groups(site: site, ruleID: id.text)))
        }
        return all
    }

    /// The answers to requests about a rule version's outcomes, or to all of the site's, since each of its groups began.
    private func answers(
        site: String, rule: DimensionName?, sinceGroups groups: [GroupPeriod]
    ) async throws -> [[AnswerCounts]] {
        guard !groups.isEmpty else { return [] }
        let answers = try await store.answers(site: site, rule: rule) { _ in groups.map(Maturity.whole) }
        return answers?.map(\.content) ?? groups.map { _ in [] }
    }
}
