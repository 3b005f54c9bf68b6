/// An outcome whose true rates are known.
struct SimulatedOutcome: Sendable, Equatable {
    /// What Zephr's own components send.
    static let conversions = ["REGISTERED", "CUSTOMER"]
    /// How many visitors become customers for each one that registers.
    private static let customersPerRegistered = 0.4

    let id: String
    /// How many visitors are assigned to it, in proportion to the others.
    let weight: Int
    /// With which probability a visitor who is shown it registers, in percent.
    let registeredPercent: Double

    /// - Parameter number: From 1, in the order of the rule's outcomes.
    init(number: Int, weight: Int, registeredPercent: Double) {
        id = Self.id(number)
        self.weight = weight
        self.registeredPercent = registeredPercent
    }

    /// With which probability a visitor who is shown it does the conversion, in percent.
    func truePercent(of conversion: String) -> Double {
        conversion == Self.conversions[0] ? registeredPercent : registeredPercent * Self.customersPerRegistered
    }

    /// The id of the outcome with that number, in the form of a path through a rule.
    static func id(_ number: Int) -> String {
        "graph/1#1,graph/1#2,graph/2#\(number)"
    }
}
