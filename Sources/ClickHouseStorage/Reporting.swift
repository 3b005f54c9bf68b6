import Records
import Storage

extension ClickHouseOutcomeStore {
    /// A name that is there.
    struct Name: Sendable {
        let parentID: Int64
        let id: Int64
        let name: DimensionName
    }

    /// The id of a name; nil where it is not there.
    func id(of name: DimensionName, under parentID: Int64) async throws(StorageError) -> Int64? {
        let text = name == .other ? "" : name.description
        var rows = try await home.rows(
            """
            SELECT id FROM name
            WHERE parent = \(parentID) AND is_other = \(name == .other ? 1 : 0) AND text = \(SQL.text(text)) AND id IN
                (SELECT id FROM name WHERE parent = \(parentID) GROUP BY id HAVING max(state) = 0)
            LIMIT 1
            """)
        return rows.isAtEnd ? nil : try rows.integer()
    }

    /// The names that stand under any of these ids.
    ///
    /// - Parameter parents: ids, or a query for them.
    func children(of parents: String) async throws(StorageError) -> [Name] {
        var rows = try await home.rows(
            """
            SELECT parent, id, max(is_other), any(text) FROM name WHERE parent IN (\(parents))
            GROUP BY parent, id HAVING max(state) = 0
            """)
        var names: [Name] = []
        try rows.forEach { (row) throws(StorageError) in
            names.append(
                Name(parentID: try row.integer(), id: try row.integer(), name: try row.dimensionName()))
        }
        return names
    }

    public func sites() async throws(StorageError) -> [String] {
        try await children(of: "\(dimensionRoot)").map(\.name).filter { $0 != .other }.sorted().map(\.description)
    }

    public func rules(site: String) async throws(StorageError) -> [RuleSummary] {
        guard let siteID = try await id(of: DimensionName(site), under: dimensionRoot) else { return [] }
        let rules = try await children(of: "\(siteID)")
        let outcomes = try await children(
            of: "SELECT id FROM name WHERE parent = \(siteID) GROUP BY id HAVING max(state) = 0")
        let conversions = try await children(
            of: """
                SELECT id FROM name WHERE parent IN
                    (SELECT id FROM name WHERE parent = \(siteID) GROUP BY id HAVING max(state) = 0)
                GROUP BY id HAVING max(state) = 0
                """)
        let outcomeIDs = Set(outcomes.map(\.id))
        let conversionIDs = Set(conversions.map(\.id))
        var totals: [Int64: RuleTotals] = [:]
        var rows = try await home.rows(
            """
            SELECT rule, dimension, sum(calls), min(earliest), max(latest) FROM (
                SELECT rule, dimension, max(count) AS calls, min(first) AS earliest, max(last) AS latest FROM tally
                WHERE rule IN (SELECT id FROM name WHERE parent = \(siteID))
                GROUP BY rule, dimension, quarter, journal_high, journal_low
            )
            GROUP BY rule, dimension
            """)
        try rows.forEach { (row) throws(StorageError) in
            let (rule, dimension, count) = (try row.integer(), try row.integer(), Int(try row.integer()))
            let (first, last) = (try row.integer(), try row.integer())
            var total = totals[rule] ?? RuleTotals()
            total.firstMilliseconds = min(total.firstMilliseconds, first)
            total.lastMilliseconds = max(total.lastMilliseconds, last)
            // What is deleted is in neither.
            if outcomeIDs.contains(dimension) { total.exposures += count }
            if conversionIDs.contains(dimension) { total.conversions += count }
            totals[rule] = total
        }
        let byRule = Dictionary(grouping: outcomes, by: \.parentID)
        let hidden = try await hiddenParts()
        return rules.compactMap { rule in
            totals[rule.id].map { total in
                RuleSummary(
                    rule: rule.name, firstEventMilliseconds: total.firstMilliseconds,
                    lastEventMilliseconds: total.lastMilliseconds, exposures: total.exposures,
                    conversions: total.conversions, outcomes: byRule[rule.id, default: []].count,
                    isHidden: rule.name != .other
                        && hidden.contains(RulePart(site: site, ruleID: rule.name.description)))
            }
        }.sorted { ($1.lastEventMilliseconds, $0.rule) < ($0.lastEventMilliseconds, $1.rule) }
    }

    private struct RuleTotals {
        var exposures = 0
        var conversions = 0
        var firstMilliseconds = Int64.max
        var lastMilliseconds = Int64.min
    }

    public func hasExposures(site: String, rule: DimensionName) async throws(StorageError) -> Bool? {
        try await RuleReading(site: site, rule: rule, in: self)?.hasExposures()
    }

    public func report(
        site: String, rule: DimensionName, in ranges: @escaping @Sendable (RuleTerms) -> [Range<Quarter>]
    ) async throws(StorageError) -> RuleReport? {
        guard let reading = try await RuleReading(site: site, rule: rule, in: self) else { return nil }
        let cells = try await reading.cells()
        return RuleReport(
            rule: rule, terms: reading.terms, counts: ranges(reading.terms).map { cells.report(in: $0) },
            groupDays: reading.terms.groups.map { reading.days(of: $0, in: cells) })
    }

    public func series(
        site: String, rule: DimensionName, in buckets: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[OutcomeCounts]>]? {
        guard let reading = try await RuleReading(site: site, rule: rule, in: self) else { return nil }
        let cells = try await reading.cells()
        return buckets(try await reading.extent()).map { Bucket($0, cells.briefReport(in: $0)) }
    }

    public func activity(
        site: String, rule: DimensionName, in spans: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[ActivityCounts]>]? {
        guard let reading = try await RuleReading(site: site, rule: rule, in: self) else { return nil }
        let spans = spans(try await reading.extent())
        return zip(spans, try await reading.activity(in: spans)).map { Bucket($0, $1) }
    }

    public func dimensionUse() async throws(StorageError) -> [DimensionUse] {
        let sites = try await children(of: "\(dimensionRoot)").filter { $0.name != .other }
        let rules = try await children(of: SQL.list(sites.map(\.id) + [1]))
        let bySite = Dictionary(grouping: rules.filter { $0.name != .other }, by: \.parentID)
        var rows = try await home.rows(
            """
            SELECT parent, toInt64(count()) FROM (
                SELECT parent, id FROM name WHERE is_other = 0 AND parent IN
                    (SELECT id FROM name WHERE parent IN (SELECT id FROM name WHERE parent = \(dimensionRoot)))
                GROUP BY parent, id HAVING max(state) = 0
            )
            GROUP BY parent
            """)
        var outcomes: [Int64: Int] = [:]
        try rows.forEach { (row) throws(StorageError) in outcomes[try row.integer()] = Int(try row.integer()) }
        return sites.sorted { $0.name < $1.name }.map { site in
            DimensionUse(
                site: site.name.description, rules: bySite[site.id, default: []].count,
                outcomesOfFullestRule: rules.filter { $0.parentID == site.id }.map { outcomes[$0.id] ?? 0 }.max() ?? 0)
        }
    }
}
