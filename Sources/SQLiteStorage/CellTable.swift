import GRDB
import Storage

/// The tables of counts.
enum CellTable {
    static func add(_ changes: CellChanges, ofRule ruleID: Int64, in database: Database) throws {
        let cell = try database.cachedStatement(
            sql: """
                INSERT INTO cell (rule_id, level, slot, dimension_id, measure, count) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count
                """)
        for (key, count) in sums(of: changes.cells) {
            try cell.execute(arguments: [
                ruleID, key.level.rawValue, key.slot, key.dimensionID, key.measure.rawValue, count,
            ])
        }
        let activity = try database.cachedStatement(
            sql: """
                INSERT INTO activity (rule_id, quarter, dimension_id, gap, count) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count
                """)
        for (key, count) in changes.activity where count != 0 {
            try activity.execute(arguments: [ruleID, key.quarter, key.dimensionID, key.gap, count])
        }
    }

    /// Takes away what is counted for groups under these outcomes and conversions.
    static func removeGroupCounts(ofRule ruleID: Int64, dimensionIDs: [Int64], in database: Database) throws {
        for id in dimensionIDs {
            for measure in Measure.ofGroups {
                try database.execute(
                    sql: "DELETE FROM cell WHERE rule_id = ? AND dimension_id = ? AND measure = ?",
                    arguments: [ruleID, id, measure.rawValue])
            }
        }
    }

    private struct Key: Hashable {
        let level: CellLevel
        let slot: Int64
        let dimensionID: Int64
        let measure: Measure
    }

    /// The same changes at every level. What cancels out is left out.
    private static func sums(of cells: [CellChanges.Key: Int64]) -> [Key: Int64] {
        var sums: [Key: Int64] = [:]
        for (key, count) in cells where count != 0 {
            for level in CellLevel.allCases {
                let slot = level.slot(of: key.quarter)
                sums[
                    Key(level: level, slot: slot, dimensionID: key.dimensionID, measure: key.measure), default: 0
                ] += count
            }
        }
        return sums.filter { $0.value != 0 }
    }
}
