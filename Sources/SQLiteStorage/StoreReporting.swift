import GRDB
import SQLiteSupport
import Storage

extension SQLiteOutcomeStore {
    public func sites() async throws(StorageError) -> [String] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT name FROM dimension WHERE parent_id = 0 AND is_other = 0 ORDER BY name"
            ).map { try $0.text(0) }
        }
    }

    public func rules(site: String) async throws(StorageError) -> [RuleSummary] {
        try await read { database in
            guard let siteID = try Dimension.find(DimensionName(site), under: Dimension.root, in: database)?.id else {
                return []
            }
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT rule.is_other, rule.name, first_ms, last_ms, exposures, conversions, rule.children + (
                        SELECT count(*) FROM dimension AS outcome WHERE outcome.parent_id = rule.id AND is_other = 1
                    ), rule.is_other = 0 AND EXISTS (
                        SELECT 1 FROM hidden WHERE hidden.site = ? AND hidden.rule = rule.name AND outcome = x''
                    )
                    FROM dimension AS rule JOIN rule_total ON rule_id = rule.id
                    WHERE rule.parent_id = ?
                    ORDER BY last_ms DESC, rule.is_other, rule.name
                    """, arguments: [Dimension.bytes(of: site), siteID]
            ).map(Self.ruleSummary)
        }
    }

    public func hasExposures(site: String, rule: DimensionName) async throws(StorageError) -> Bool? {
        try await read { try RuleReading(site: site, rule: rule, in: $0)?.hasExposures() }
    }

    public func report(
        site: String, rule: DimensionName, in ranges: @escaping @Sendable (RuleTerms) -> [Range<Quarter>]
    ) async throws(StorageError) -> RuleReport? {
        try await read { database in
            guard let reading = try RuleReading(site: site, rule: rule, in: database) else { return nil }
            let terms = try reading.terms()
            return RuleReport(
                rule: rule, terms: terms, counts: try ranges(terms).map { try reading.counts(in: $0) },
                groupDays: try terms.groups.map { try reading.days(of: $0) })
        }
    }

    public func series(
        site: String, rule: DimensionName, in buckets: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[OutcomeCounts]>]? {
        try await read { database in
            guard let reading = try RuleReading(site: site, rule: rule, in: database) else { return nil }
            return try buckets(try reading.extent()).map { Bucket($0, try reading.briefCounts(in: $0)) }
        }
    }

    public func activity(
        site: String, rule: DimensionName, in spans: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[ActivityCounts]>]? {
        try await read { database in
            guard let reading = try RuleReading(site: site, rule: rule, in: database) else { return nil }
            return try spans(try reading.extent()).map { Bucket($0, try reading.activity(in: $0)) }
        }
    }

    public func note(_ answers: [GivenAnswers]) async throws(StorageError) {
        try await write { try AnswerTable(in: $0).add(answers) }
    }

    public func answers(
        site: String, rule: DimensionName?, in buckets: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[AnswerCounts]>]? {
        try await read { try AnswerTable(in: $0).counts(site: site, rule: rule, in: buckets) }
    }

    public func dimensionUse() async throws(StorageError) -> [DimensionUse] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT site.name, site.children, ifnull(
                        (SELECT max(rule.children) FROM dimension AS rule WHERE rule.parent_id = site.id), 0)
                    FROM dimension AS site WHERE site.parent_id = 0 AND site.is_other = 0 ORDER BY site.name
                    """
            ).map { row in
                DimensionUse(
                    site: try row.text(0), rules: Int(try row.integer(1)),
                    outcomesOfFullestRule: Int(try row.integer(2)))
            }
        }
    }

    private static func ruleSummary(_ row: Row) throws -> RuleSummary {
        RuleSummary(
            rule: try row.dimensionName(0), firstEventMilliseconds: try row.integer(2),
            lastEventMilliseconds: try row.integer(3), exposures: Int(try row.integer(4)),
            conversions: Int(try row.integer(5)), outcomes: Int(try row.integer(6)), isHidden: try row.integer(7) == 1)
    }
}
