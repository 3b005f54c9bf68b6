import Records
import Storage

/// The questions that people ask of a store.
public struct AnalyticsQueries<Store: OutcomeStore>: Sendable {
    private let store: Store
    private let catalogue: Catalogue
    private let nowMilliseconds: @Sendable () -> Int64

    /// A site that is configured exists, whether it has records or not. What the catalogue has a name for is told with it.
    ///
    /// - Parameter nowMilliseconds: the time of day, since 1970, UTC.
    public init(
        store: Store, catalogue: Catalogue,
        nowMilliseconds: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() }
    ) {
        self.store = store
        self.catalogue = catalogue
        self.nowMilliseconds = nowMilliseconds
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
    public func outcomes(site: String, ruleID: String) async throws(StorageError) -> OutcomesReport? {
        let asOf = Quarter(containing: nowMilliseconds())
        let report = try await store.report(site: site, rule: DimensionName(ruleID)) { terms in
            RuleRanges(terms, asOf: asOf).all
        }
        guard let report else { return nil }
        let counts = RuleRanges(report.terms, asOf: asOf).assign(report.counts)
        let names = catalogue.rules
        return OutcomesReport(
            site: site, ruleID: ruleID, counts: counts.whole, maturing: counts.maturing,
            groups: zip(report.terms.groups, counts.groups).map { period, counts in
                GroupReport(period, exposed: counts.exposed, mature: counts.mature) {
                    names.name(ofOutcome: $0, rule: ruleID, site: site)
                }
            }, epochs: try await store.epochs(), asOf: asOf, names: names)
    }
}
