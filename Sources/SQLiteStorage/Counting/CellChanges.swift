import Storage

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
