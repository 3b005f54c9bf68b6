import GRDB
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
                    SELECT rule.is_other, rule.name, first_ms, last_ms, events, rule.children + (
                        SELECT count(*) FROM dimension AS outcome WHERE outcome.parent_id = rule.id AND is_other = 1
                    )
                    FROM dimension AS rule JOIN rule_total ON rule_id = rule.id
                    WHERE rule.parent_id = ?
                    ORDER BY last_ms DESC, rule.is_other, rule.name
                    """, arguments: [siteID]
            ).map(Self.ruleSummary)
        }
    }

    public func report(site: String, rule: DimensionName) async throws(StorageError) -> RuleReport? {
        try await read { database in
            guard let siteID = try Dimension.find(DimensionName(site), under: Dimension.root, in: database)?.id,
                let ruleID = try Dimension.find(rule, under: siteID, in: database)?.id
            else { return nil }
            return RuleReport(rule: rule, outcomes: try Self.outcomes(ofRule: ruleID, in: database))
        }
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

    private static func outcomes(ofRule ruleID: Int64, in database: Database) throws -> [OutcomeReport] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT outcome.is_other, outcome.name, conversion.is_other, conversion.name,
                    subjects, events, first_ms, last_ms
                FROM dimension AS outcome
                JOIN dimension AS conversion ON conversion.parent_id = outcome.id
                JOIN conversion_total ON conversion_id = conversion.id
                WHERE outcome.parent_id = ?
                ORDER BY outcome.is_other, outcome.name, conversion.is_other, conversion.name
                """, arguments: [ruleID])
        var outcomes: [(name: DimensionName, conversions: [ConversionReport])] = []
        for row in rows {
            let name = try row.dimensionName(0)
            if outcomes.last?.name != name { outcomes.append((name, [])) }
            outcomes[outcomes.count - 1].conversions.append(try conversionReport(row))
        }
        return outcomes.map { OutcomeReport(outcome: $0.name, conversions: $0.conversions) }
    }

    private static func ruleSummary(_ row: Row) throws -> RuleSummary {
        RuleSummary(
            rule: try row.dimensionName(0), firstEventMilliseconds: try row.integer(2),
            lastEventMilliseconds: try row.integer(3), events: Int(try row.integer(4)),
            outcomes: Int(try row.integer(5)))
    }

    private static func conversionReport(_ row: Row) throws -> ConversionReport {
        ConversionReport(
            conversion: try row.dimensionName(2), subjects: Int(try row.integer(4)), events: Int(try row.integer(5)),
            firstEventMilliseconds: try row.integer(6), lastEventMilliseconds: try row.integer(7))
    }
}
