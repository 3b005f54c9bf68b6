import Storage

/// The questions that people ask of a store.
public struct AnalyticsQueries<Store: OutcomeStore>: Sendable {
    private let store: Store
    private let configuredSites: Set<String>

    /// A site that is configured exists, whether it has records or not.
    public init(store: Store, configuredSites: Set<String>) {
        self.store = store
        self.configuredSites = configuredSites
    }

    /// The sites that are configured or have records.
    public func sites() async throws(StorageError) -> SitesReport {
        SitesReport(sites: configuredSites.union(try await store.sites()).sorted())
    }

    /// The rule versions of a site; nil when there is no such site.
    public func rules(site: String) async throws(StorageError) -> RulesReport? {
        let summaries = try await store.rules(site: site)
        guard !summaries.isEmpty || configuredSites.contains(site) else { return nil }
        return RulesReport(site: site, summaries: summaries)
    }

    /// What is counted under one rule version; nil when the site has no records of it.
    public func outcomes(site: String, ruleID: String) async throws(StorageError) -> OutcomesReport? {
        guard let report = try await store.report(site: site, rule: DimensionName(ruleID)) else { return nil }
        return OutcomesReport(site: site, ruleID: ruleID, report: report)
    }
}
