import GRDB
import SQLiteSupport
import Storage

/// Reads what is counted under one rule version.
struct RuleReading {
    private let database: Database
    private let siteID: Int64
    private let ruleID: Int64
    private let names: OutcomeNames

    /// A group that goes on for ten years has been decided; the last event may be of a clock that is far ahead.
    private static let groupDaysMax: Int64 = 3650

    /// Nil when nothing is counted under it.
    init?(site: String, rule: DimensionName, in database: Database) throws {
        guard let siteID = try Dimension.find(DimensionName(site), under: Dimension.root, in: database)?.id,
            let ruleID = try Dimension.find(rule, under: siteID, in: database)?.id
        else { return nil }
        self.database = database
        self.siteID = siteID
        self.ruleID = ruleID
        names = try Dimension.outcomeNames(ofRule: ruleID, in: database)
    }

    func terms() throws -> RuleTerms {
        let windows = try TermsTable.windows(ofSite: siteID, in: database)
        let first = WindowPeriod(start: Range<Quarter>.all.lowerBound, days: CountingWindow.defaultDays)
        return RuleTerms(
            windows: windows.isEmpty ? [first] : windows,
            groups: try TermsTable.groups(ofRule: ruleID, in: database).map(\.period))
    }

    func hasExposures() throws -> Bool {
        let sql = "SELECT exposures > 0 FROM rule_total WHERE rule_id = ?"
        return try Bool.fetchOne(database, sql: sql, arguments: [ruleID]) ?? false
    }

    /// The quarters of an hour from the first event to the last; nil before any.
    func extent() throws -> Range<Quarter>? {
        let row = try Row.fetchOne(
            database, sql: "SELECT first_ms, last_ms FROM rule_total WHERE rule_id = ?", arguments: [ruleID])
        return try row.map { row in
            let last = Quarter(containing: try row.integer(1))
            return Quarter(containing: try row.integer(0))..<Quarter(last.number + 1)
        }
    }

    /// What is counted in a range, of every outcome and conversion.
    func counts(in range: Range<Quarter>) throws -> [OutcomeCounts] {
        names.fullReport(try sums(in: range))
    }

    /// What is counted in a range, of those alone that have something in it.
    func briefCounts(in range: Range<Quarter>) throws -> [OutcomeCounts] {
        names.briefReport(try sums(in: range))
    }

    /// The days of UTC on which a group got subjects.
    func days(of period: GroupPeriod) throws -> [GroupDay] {
        guard let extent = try extent(), extent.upperBound > period.start else { return [] }
        let first = CellLevel.day.slot(of: period.start.number)
        let last = min(CellLevel.day.slot(of: extent.upperBound.number - 1), first + Self.groupDaysMax)
        let outcomes = try period.group.shares.map { try Dimension.find($0.outcome, under: ruleID, in: database)?.id }
        let conversions = try outcomes.map { outcome in
            try outcome.flatMap { try Dimension.find(period.group.conversion, under: $0, in: database)?.id }
        }
        // One look-up for each day and outcome: a scan of days would pass over all that is counted of other outcomes.
        let statement = try database.cachedStatement(
            sql: """
                SELECT count FROM cell
                WHERE rule_id = ? AND level = ? AND slot = ? AND dimension_id = ? AND measure = ?
                """)
        func counts(_ measure: Measure, of ids: [Int64?], in slot: Int64) throws -> [Int] {
            try ids.map { id in
                try Int.fetchOne(
                    statement, arguments: [ruleID, CellLevel.day.rawValue, slot, id, measure.rawValue]) ?? 0
            }
        }
        return try (first...last).compactMap { slot in
            let exposed = try counts(.groupExposed, of: outcomes, in: slot)
            guard exposed.contains(where: { $0 != 0 }) else { return nil }
            return GroupDay(
                start: CellLevel.day.start(ofSlot: slot), exposed: exposed,
                converted: try counts(.groupConverted, of: conversions, in: slot))
        }
    }

    /// The distinct subjects of a span of at most `ActivityCounts.spanQuartersMax`.
    func activity(in span: Range<Quarter>) throws -> [ActivityCounts] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT dimension_id, sum(count) FROM activity
                WHERE rule_id = ?1 AND quarter >= ?2 AND quarter < ?3 AND gap > quarter - ?2
                GROUP BY dimension_id HAVING sum(count) <> 0 ORDER BY dimension_id
                """)
        let rows = try Row.fetchCursor(
            statement, arguments: [ruleID, span.lowerBound.number, span.upperBound.number])
        var counts: [ActivityCounts] = []
        while let row = try rows.next() {
            guard let names = names.names(of: try row.integer(0)) else { continue }
            counts.append(
                ActivityCounts(
                    outcome: names.outcome, conversion: names.conversion, subjects: Int(try row.integer(1))))
        }
        return counts
    }

    private func sums(in range: Range<Quarter>) throws -> [OutcomeNames.Sum] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT dimension_id, measure, sum(count) FROM cell
                WHERE rule_id = ? AND level = ? AND slot >= ? AND slot < ?
                GROUP BY dimension_id, measure HAVING sum(count) <> 0
                """)
        var sums: [OutcomeNames.Sum] = []
        for part in CellLevel.slots(of: range) {
            let rows = try Row.fetchCursor(
                statement, arguments: [ruleID, part.level.rawValue, part.slots.lowerBound, part.slots.upperBound])
            while let row = try rows.next() {
                guard let measure = Measure(rawValue: try row.integer(1)) else { continue }
                sums.append(
                    OutcomeNames.Sum(
                        dimensionID: try row.integer(0), measure: measure, count: Int(try row.integer(2))))
            }
        }
        return sums
    }
}
