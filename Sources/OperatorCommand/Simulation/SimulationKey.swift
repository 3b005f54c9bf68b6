/// What is counted apart under one rule version: the exposures to an outcome, and each conversion under it.
struct SimulationKey: Sendable, Hashable {
    let outcomeID: String
    /// nil for exposures.
    let conversion: String?

    static func exposure(to outcomeID: String) -> SimulationKey {
        SimulationKey(outcomeID: outcomeID, conversion: nil)
    }
}
