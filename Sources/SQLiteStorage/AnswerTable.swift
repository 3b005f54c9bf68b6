import FoundationEssentials
import GRDB
import Records
import SQLiteSupport
import Storage

/// The tables of answers.
struct AnswerTable {
    /// How many kinds are told apart. Statuses and the responder's reasons are few; reasons of exclusion are whatever nginx is
    /// told to say.
    private static let kindsMax = 1000
    private static let otherKind = AnswerKind(door: nil, status: 0, reason: "other")
    /// No counts are so large. A sum of two of them still is an integer of SQLite's.
    private static let countMax = 1 << 61
    /// Under these ids stand all of a site's answers together.
    private static let anyRule: Int64 = 0
    private static let anyOutcome: Int64 = 0

    private struct Key: Hashable {
        let siteID: Int64
        let ruleID: Int64
        let outcomeID: Int64
        let kindID: Int64
        let level: CellLevel
        let slot: Int64
    }

    private let database: Database

    init(in database: Database) {
        self.database = database
    }

    func add(_ answers: [GivenAnswers]) throws {
        var sums: [Key: Int] = [:]
        var kindIDs: [AnswerKind: Int64] = [:]
        for answer in answers {
            guard let siteID = try Dimension.find(answer.site, under: Dimension.root, in: database)?.id else {
                continue
            }
            let kindID = try kindIDs[answer.kind] ?? id(of: answer.kind)
            kindIDs[answer.kind] = kindID
            var places = [(Self.anyRule, Self.anyOutcome)]
            if let place = try answer.outcome.flatMap({ try self.place(of: $0, siteID: siteID) }) {
                places.append(place)
            }
            for (ruleID, outcomeID) in places {
                for level in CellLevel.allCases {
                    let key = Key(
                        siteID: siteID, ruleID: ruleID, outcomeID: outcomeID, kindID: kindID, level: level,
                        slot: level.slot(of: answer.quarter.number))
                    sums[key, default: 0] = min(sums[key, default: 0] + min(answer.count, Self.countMax), Self.countMax)
                }
            }
        }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO answer (site_id, rule_id, level, slot, outcome_id, kind_id, count)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = min(count + excluded.count, \(Self.countMax))
                """)
        for (key, count) in sums {
            try statement.execute(arguments: [
                key.siteID, key.ruleID, key.level.rawValue, key.slot, key.outcomeID, key.kindID, count,
            ])
        }
    }

    /// What is known of a site's answers, or of those about a rule version's outcomes, in each of the buckets that `buckets`
    /// chooses, given from when to when there are any; nil where the site, or the rule version, has no records.
    func counts(
        site: String, rule: DimensionName?, in buckets: (Range<Quarter>?) -> [Range<Quarter>]
    ) throws -> [Bucket<[AnswerCounts]>]? {
        guard let siteID = try Dimension.find(DimensionName(site), under: Dimension.root, in: database)?.id else {
            return nil
        }
        guard let rule else { return try counts(siteID, Self.anyRule, in: buckets) }
        guard let ruleID = try Dimension.find(rule, under: siteID, in: database)?.id else { return nil }
        return try counts(siteID, ruleID, in: buckets)
    }

    private func counts(
        _ siteID: Int64, _ ruleID: Int64, in buckets: (Range<Quarter>?) -> [Range<Quarter>]
    ) throws -> [Bucket<[AnswerCounts]>] {
        try buckets(try extent(siteID, ruleID)).map { Bucket($0, try counts(siteID, ruleID, in: $0)) }
    }

    private func counts(_ siteID: Int64, _ ruleID: Int64, in range: Range<Quarter>) throws -> [AnswerCounts] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT ifnull(outcome.is_other, 0), ifnull(outcome.name, x''), outcome_id, door, status, reason, sum(count)
                FROM answer JOIN answer_kind ON answer_kind.id = kind_id
                LEFT JOIN dimension AS outcome ON outcome.id = outcome_id
                WHERE site_id = ? AND rule_id = ? AND level = ? AND slot >= ? AND slot < ?
                    -- One that is deleted stands under no rule version.
                    AND ifnull(outcome.parent_id, 0) >= 0
                GROUP BY outcome_id, kind_id
                """)
        var counts: [AnswerCounts] = []
        for part in CellLevel.slots(of: range) {
            let rows = try Row.fetchCursor(
                statement,
                arguments: [siteID, ruleID, part.level.rawValue, part.slots.lowerBound, part.slots.upperBound])
            while let row = try rows.next() { counts.append(try Self.counts(row)) }
        }
        return Self.sum(counts)
    }

    /// The same from several parts of a range as one, in the order of names, doors, statuses and reasons.
    private static func sum(_ parts: [AnswerCounts]) -> [AnswerCounts] {
        struct Key: Hashable {
            let outcome: DimensionName?
            let kind: AnswerKind
        }
        let sums = Dictionary(
            parts.map { (Key(outcome: $0.outcome, kind: $0.kind), $0.count) }, uniquingKeysWith: +)
        return sums.map { AnswerCounts(outcome: $0.outcome, kind: $0.kind, count: $1) }.sorted()
    }

    private static func counts(_ row: Row) throws -> AnswerCounts {
        let outcome = try row.integer(2) == anyOutcome ? nil : try row.dimensionName(0)
        let kind = AnswerKind(
            door: UInt8(exactly: try row.integer(3)).flatMap(Door.init), status: Int(try row.integer(4)),
            reason: try row.text(5))
        return AnswerCounts(outcome: outcome, kind: kind, count: Int(try row.integer(6)))
    }

    private func extent(_ siteID: Int64, _ ruleID: Int64) throws -> Range<Quarter>? {
        let row = try Row.fetchOne(
            database,
            // Each by itself, because SQLite looks up a single minimum or maximum and scans for two.
            sql: """
                SELECT (SELECT min(slot) FROM answer WHERE site_id = ?1 AND rule_id = ?2 AND level = ?3),
                    (SELECT max(slot) FROM answer WHERE site_id = ?1 AND rule_id = ?2 AND level = ?3)
                """, arguments: [siteID, ruleID, CellLevel.quarter.rawValue])
        guard let row, !row.hasNull(atIndex: 0) else { return nil }
        return Quarter(try row.integer(0))..<Quarter(try row.integer(1) + 1)
    }

    /// Nil where nothing is counted of it: anybody may ask for any outcome.
    private func place(of outcome: GivenAnswers.Outcome, siteID: Int64) throws -> (rule: Int64, outcome: Int64)? {
        guard let rule = try Dimension.find(outcome.rule, under: siteID, in: database)?.id,
            let outcome = try Dimension.find(outcome.outcome, under: rule, in: database)?.id
        else { return nil }
        return (rule, outcome)
    }

    private func id(of kind: AnswerKind) throws -> Int64 {
        if let id = try find(kind) { return id }
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM answer_kind") ?? 0
        guard count < Self.kindsMax || kind == Self.otherKind else { return try id(of: Self.otherKind) }
        try database.execute(
            sql: "INSERT INTO answer_kind (door, status, reason) VALUES (?, ?, ifnull(?, x''))",
            arguments: [kind.door?.rawValue ?? 0, kind.status, Data(kind.reason.utf8)])
        return database.lastInsertedRowID
    }

    private func find(_ kind: AnswerKind) throws -> Int64? {
        try Int64.fetchOne(
            database,
            sql: "SELECT id FROM answer_kind WHERE door = ? AND status = ? AND reason = ifnull(?, x'')",
            arguments: [kind.door?.rawValue ?? 0, kind.status, Data(kind.reason.utf8)])
    }
}
