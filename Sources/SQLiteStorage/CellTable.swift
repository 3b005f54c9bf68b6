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

/// What one fold changes in the cells of one rule version, added up before it meets the database.
struct CellChanges {
    struct Key: Hashable {
        let quarter: Int64
        let dimensionID: Int64
        let measure: Measure
    }

    struct ActivityKey: Hashable {
        let quarter: Int64
        let dimensionID: Int64
        let gap: Int
    }

    private(set) var cells: [Key: Int64] = [:]
    private(set) var activity: [ActivityKey: Int64] = [:]

    mutating func add(_ count: Int64, _ measure: Measure, of dimensionID: Int64, at milliseconds: Int64) {
        let quarter = Quarter(containing: milliseconds).number
        cells[Key(quarter: quarter, dimensionID: dimensionID, measure: measure), default: 0] += count
    }

    /// A subject was active in a quarter in which it had not been known to be.
    mutating func add(_ change: ActiveQuarters.Change, of dimensionID: Int64, in quarter: Int64) {
        activity[ActivityKey(quarter: quarter, dimensionID: dimensionID, gap: change.gap), default: 0] += 1
        guard let next = change.next, next.oldGap != next.newGap else { return }
        activity[ActivityKey(quarter: next.quarter, dimensionID: dimensionID, gap: next.oldGap), default: 0] -= 1
        activity[ActivityKey(quarter: next.quarter, dimensionID: dimensionID, gap: next.newGap), default: 0] += 1
    }
}

/// What a cell counts. Raw values stand in the file.
enum Measure: Int64 {
    // Of an outcome.
    case exposed = 1
    case exposures = 2
    case groupExposed = 3
    case groupCrossed = 4
    // Of a conversion under an outcome.
    case converted = 5
    case unattributed = 6
    case converters = 7
    case events = 8
    case groupConverted = 9

    /// Those that begin anew with a group.
    static let ofGroups: [Measure] = [.groupExposed, .groupCrossed, .groupConverted]
}
