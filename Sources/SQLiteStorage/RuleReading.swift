import GRDB
import Storage

/// Reads what is counted under one rule version.
struct RuleReading {
    private let database: Database
    private let siteID: Int64
    private let ruleID: Int64
    private let names: OutcomeNames

    /// Nil when nothing is counted under it.
    init?(site: String, rule: DimensionName, in database: Database) throws {
        guard let siteID = try Dimension.find(DimensionName(site), under: Dimension.root, in: database)?.id,
            let ruleID = try Dimension.find(rule, under: siteID, in: database)?.id
        else { return nil }
        self.database = database
        self.siteID = siteID
        self.ruleID = ruleID
        names = try OutcomeNames(ofRule: ruleID, in: database)
    }

    func terms() throws -> RuleTerms {
        let windows = try TermsTable.windows(ofSite: siteID, in: database)
        let first = WindowPeriod(start: Range<Quarter>.all.lowerBound, days: CountingWindow.defaultDays)
        return RuleTerms(
            windows: windows.isEmpty ? [first] : windows,
            groups: try TermsTable.groups(ofRule: ruleID, in: database).map(\.period))
    }

    /// What is counted in a range.
    func counts(in range: Range<Quarter>) throws -> [OutcomeCounts] {
        var counts = names.zeros
        let statement = try database.cachedStatement(
            sql: """
                SELECT dimension_id, measure, sum(count) FROM cell
                WHERE rule_id = ? AND level = ? AND slot >= ? AND slot < ? GROUP BY dimension_id, measure
                """)
        for part in CellLevel.slots(of: range) {
            let rows = try Row.fetchCursor(
                statement, arguments: [ruleID, part.level.rawValue, part.slots.lowerBound, part.slots.upperBound])
            while let row = try rows.next() {
                names.add(Int(try row.integer(2)), try row.integer(1), of: try row.integer(0), to: &counts)
            }
        }
        return counts
    }

    /// The same for each quarter of an hour that has something.
    func series(in range: Range<Quarter>) throws -> [Quarter: [OutcomeCounts]] {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT slot, dimension_id, measure, count FROM cell
                    WHERE rule_id = ? AND level = 0 AND slot >= ? AND slot < ? AND count <> 0
                    """), arguments: [ruleID, range.lowerBound.number, range.upperBound.number])
        var series: [Quarter: [OutcomeCounts]] = [:]
        while let row = try rows.next() {
            let quarter = Quarter(try row.integer(0))
            names.add(
                Int(try row.integer(3)), try row.integer(2), of: try row.integer(1),
                to: &series[quarter, default: names.zeros])
        }
        return series
    }

    func activity(in range: Range<Quarter>) throws -> [ActivityCell] {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT quarter, dimension_id, gap, count FROM activity
                    WHERE rule_id = ? AND quarter >= ? AND quarter < ? AND count <> 0
                    ORDER BY quarter, dimension_id, gap
                    """), arguments: [ruleID, range.lowerBound.number, range.upperBound.number])
        var cells: [ActivityCell] = []
        while let row = try rows.next() {
            guard let place = names.places[try row.integer(1)] else { continue }
            let outcome = names.zeros[place.outcome]
            cells.append(
                ActivityCell(
                    outcome: outcome.outcome, conversion: place.conversion.map { outcome.conversions[$0].conversion },
                    quarter: Quarter(try row.integer(0)), gap: Int(try row.integer(2)),
                    subjects: Int(try row.integer(3))))
        }
        return cells
    }
}
