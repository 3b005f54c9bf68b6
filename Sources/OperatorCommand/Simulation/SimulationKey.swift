/// What conversions are counted by, under one rule version.
struct SimulationKey: Hashable, Comparable {
    let outcomeID: String
    let conversion: String

    static func < (left: SimulationKey, right: SimulationKey) -> Bool {
        (left.outcomeID, left.conversion) < (right.outcomeID, right.conversion)
    }
}
