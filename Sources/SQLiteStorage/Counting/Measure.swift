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
