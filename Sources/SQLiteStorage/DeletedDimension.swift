import GRDB
import Records
import Storage

/// A rule version or an outcome that is deleted, of which rows are still there.
///
/// To delete one is to move its name: from under its parent to under the parent's negative number, where nobody looks. So it
/// takes one moment, whatever was counted, and who comes next by that name gets another number. Its own is given to nobody
/// before the last row that has it is gone.
struct DeletedDimension {
    private enum Kind {
        case rule(site: Int64)
        case outcome(rule: Int64)
    }

    private let id: Int64
    private let kind: Kind

    /// Whether there was one.
    static func delete(_ part: RulePart, in database: Database) throws -> Bool {
        guard let site = try Dimension.find(DimensionName(part.site), under: Dimension.root, in: database),
            let rule = try Dimension.find(DimensionName(part.ruleID), under: site.id, in: database)
        else { return false }
        guard let outcomeID = part.outcomeID else {
            try move(rule.id, from: site.id, in: database)
            return true
        }
        guard let outcome = try Dimension.find(DimensionName(outcomeID), under: rule.id, in: database) else {
            return false
        }
        try takeFromTotals(outcome.id, ofRule: rule.id, in: database)
        try move(outcome.id, from: rule.id, in: database)
        // One without any outcome has no records.
        let left = try Int.fetchOne(
            database, sql: "SELECT count(*) FROM dimension WHERE parent_id = ?", arguments: [rule.id])
        if left == 0 { try move(rule.id, from: site.id, in: database) }
        return true
    }

    private static func move(_ id: Int64, from parentID: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE dimension SET parent_id = ?, name = CAST(id AS BLOB) WHERE id = ?", arguments: [-parentID, id])
        try database.execute(sql: "UPDATE dimension SET children = children - 1 WHERE id = ?", arguments: [parentID])
    }

    /// When the first and the last event of the rule version were stays as it is.
    private static func takeFromTotals(_ outcomeID: Int64, ofRule ruleID: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE rule_total SET
                    exposures = exposures - (
                        SELECT ifnull(sum(count), 0) FROM cell
                        WHERE rule_id = ?1 AND level = ?3 AND dimension_id = ?2 AND measure = ?4
                    ),
                    conversions = conversions - (
                        SELECT ifnull(sum(count), 0) FROM cell JOIN dimension ON id = dimension_id AND parent_id = ?2
                        WHERE rule_id = ?1 AND level = ?3 AND measure = ?5
                    )
                WHERE rule_id = ?1
                """,
            arguments: [
                ruleID, outcomeID, CellLevel.month.rawValue, Measure.exposures.rawValue, Measure.events.rawValue,
            ])
    }

    /// Nil where nothing is left of any.
    static func next(in database: Database) throws -> DeletedDimension? {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT id, -parent_id, (SELECT parent.parent_id FROM dimension AS parent WHERE parent.id = -deleted.parent_id)
                FROM dimension AS deleted WHERE parent_id < 0 ORDER BY parent_id DESC, id LIMIT 1
                """)
        return try row.map { row in
            let parentID = try row.integer(1)
            let isRule = try row.integer(2) == Dimension.root
            return DeletedDimension(
                id: try row.integer(0), kind: isRule ? .rule(site: parentID) : .outcome(rule: parentID))
        }
    }

    // MARK: Rows

    /// Takes some of its rows away; with the last, itself. Where to go on is always told, since another may follow.
    func purge(
        from place: ExpiryPlace?, rowsMax: Int, in database: Database
    ) throws -> (removed: Int, next: ExpiryPlace?) {
        let another = ExpiryPlace(ruleNumber: .min, subject: 0)
        switch kind {
        case .rule(let siteID):
            let count = try purgeRule(ofSite: siteID, rowsMax: rowsMax, in: database)
            if count == 0 { try removeRule(in: database) }
            return (count, another)
        case .outcome(let ruleID):
            let (count, next) = try purgeHistories(ofRule: ruleID, from: place, rowsMax: rowsMax, in: database)
            if next == nil { try removeOutcome(ofRule: ruleID, in: database) }
            return (count, next ?? another)
        }
    }

    private func purgeRule(ofSite siteID: Int64, rowsMax: Int, in database: Database) throws -> Int {
        let tables = [
            ("subject", "", "subject_high, subject_low"), ("cell", "", "level, slot, dimension_id, measure"),
            ("activity", "", "quarter, dimension_id, gap"),
            ("answer", "site_id = \(siteID) AND ", "level, slot, outcome_id, kind_id"),
        ]
        var count = 0
        for (table, condition, key) in tables where count < rowsMax {
            try database.execute(
                sql: """
                    DELETE FROM \(table) WHERE \(condition)rule_id = ?1 AND (\(key)) IN
                        (SELECT \(key) FROM \(table) WHERE \(condition)rule_id = ?1 LIMIT ?2)
                    """, arguments: [id, rowsMax - count])
            count += database.changesCount
        }
        return count
    }

    private func removeRule(in database: Database) throws {
        for sql in [
            "DELETE FROM dimension WHERE parent_id IN (SELECT id FROM dimension WHERE parent_id IN (?1, -?1))",
            "DELETE FROM dimension WHERE parent_id IN (?1, -?1)",
            "DELETE FROM outcome_group WHERE rule_id = ?1",
            "DELETE FROM rule_total WHERE rule_id = ?1",
            "DELETE FROM dimension WHERE id = ?1",
        ] { try database.execute(sql: sql, arguments: [id]) }
    }

    /// Takes the outcome out of what is kept of subjects; tells where to go on, nil at the end.
    private func purgeHistories(
        ofRule ruleID: Int64, from place: ExpiryPlace?, rowsMax: Int, in database: Database
    ) throws -> (removed: Int, next: ExpiryPlace?) {
        let beginning = ExpiryPlace(ruleNumber: ruleID - 1, subject: Subject(high: .max, low: .max).value)
        let table = try SubjectTable(in: database)
        var changed: [(subject: Subject, history: SubjectHistory)] = []
        var last: ExpiryPlace?
        var looked = 0
        try table.forEach(after: place?.ruleNumber == ruleID ? place : beginning, rowsMax: rowsMax) { found, history in
            guard found.ruleNumber == ruleID else { return }
            looked += 1
            last = found
            guard var history, history.outcomes.contains(where: { $0.id == id }) else { return }
            history.outcomes.removeAll { $0.id == id }
            changed.append((Subject(found.subject), history))
        }
        for (subject, history) in changed {
            if history.outcomes.isEmpty {
                try table.remove(subject, ruleID: ruleID)
            } else {
                try table.set(history, of: subject, ruleID: ruleID, isNew: false)
            }
        }
        return (changed.count, looked == rowsMax ? last : nil)
    }

    private func removeOutcome(ofRule ruleID: Int64, in database: Database) throws {
        for table in ["cell", "activity"] {
            try database.execute(
                sql: """
                    DELETE FROM \(table) WHERE rule_id = ?2
                        AND (dimension_id = ?1 OR dimension_id IN (SELECT id FROM dimension WHERE parent_id = ?1))
                    """, arguments: [id, ruleID])
        }
        try database.execute(
            sql: """
                DELETE FROM answer WHERE rule_id = ?2 AND outcome_id = ?1
                    AND site_id = (SELECT abs(parent_id) FROM dimension WHERE id = ?2)
                """, arguments: [id, ruleID])
        try database.execute(sql: "DELETE FROM dimension WHERE parent_id = ?1 OR id = ?1", arguments: [id])
    }
}
