import ConfigurationFile

/// Traffic that is known before it is sent: visitors who are exposed to outcomes and convert with known probabilities,
/// others who convert unexposed, and bots. The same seed makes the same plan.
struct SimulationPlan: Sendable {
    /// One exposure or conversion of one visitor.
    struct Step: Sendable, Equatable {
        /// An index into `visitors`.
        let visitor: Int
        let key: SimulationKey
        /// Whether it exposes a visitor who has met another outcome before.
        var crosses = false
        /// Where its token stands; nil when none is sent.
        var place: CredentialScheme?

        /// For a message.
        var noun: String { key.conversion == nil ? "an exposure" : "a conversion" }
    }

    /// Visitors who convert unexposed and bots, for each hundred who are exposed; one of each at least.
    private static let unexposedPercent = 4
    private static let botsPercent = 5

    let outcomes: [SimulatedOutcome]
    let visitors: [SimulatedVisitor]
    /// In the order in which they are due. Those of different visitors are mixed.
    let steps: [Step]

    /// - Parameters:
    ///   - exposedVisitors: How many are exposed; there are others besides.
    ///   - places: Where tokens may stand; empty when none are sent.
    init(exposedVisitors: Int, outcomes: SimulatedOutcomes, places: [CredentialScheme], seed: UInt64) {
        var drawing = SimulationDrawing(outcomes: outcomes, seed: seed)
        for _ in 0..<exposedVisitors { drawing.addExposed() }
        for _ in 0..<Self.share(Self.unexposedPercent, of: exposedVisitors) { drawing.addUnexposed() }
        for _ in 0..<Self.share(Self.botsPercent, of: exposedVisitors) { drawing.addBot() }
        self.outcomes = outcomes.all
        (visitors, steps) = drawing.finished(places: places)
    }

    private static func share(_ percent: Int, of count: Int) -> Int { max(1, count * percent / 100) }
}
