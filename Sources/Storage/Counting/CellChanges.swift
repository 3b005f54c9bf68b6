/// What one fold changes in the cells of one rule version, added up before it meets the database.
package struct CellChanges {
    package struct Key: Hashable {
        package let quarter: Int64
        package let dimensionID: Int64
        package let measure: Measure
    }

    package struct ActivityKey: Hashable {
        package let quarter: Int64
        package let dimensionID: Int64
        package let gap: Int
    }

    package private(set) var cells: [Key: Int64] = [:]
    package private(set) var activity: [ActivityKey: Int64] = [:]

    package init() {}

    package mutating func add(_ count: Int64, _ measure: Measure, of dimensionID: Int64, at milliseconds: Int64) {
        let quarter = Quarter(containing: milliseconds).number
        cells[Key(quarter: quarter, dimensionID: dimensionID, measure: measure), default: 0] += count
    }

    /// A subject was active in a quarter in which it had not been known to be.
    package mutating func add(_ change: ActiveQuarters.Change, of dimensionID: Int64, in quarter: Int64) {
        activity[ActivityKey(quarter: quarter, dimensionID: dimensionID, gap: change.gap), default: 0] += 1
        guard let next = change.next, next.oldGap != next.newGap else { return }
        activity[ActivityKey(quarter: next.quarter, dimensionID: dimensionID, gap: next.oldGap), default: 0] -= 1
        activity[ActivityKey(quarter: next.quarter, dimensionID: dimensionID, gap: next.newGap), default: 0] += 1
    }
}

/// What a cell counts. Raw values stand in stores.
package enum Measure: Int64 {
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
    package static let ofGroups: [Measure] = [.groupExposed, .groupCrossed, .groupConverted]
}
