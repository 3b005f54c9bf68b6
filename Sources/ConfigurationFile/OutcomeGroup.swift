/// Outcomes of one rule version that visitors are assigned to at random.
public struct OutcomeGroup: Sendable, Equatable {
    /// An outcome, and how many visitors are assigned to it in proportion to the others.
    public struct Share: Sendable, Equatable {
        public var outcome: OpaqueID
        /// At least 1.
        public var weight: Int

        public init(outcome: OpaqueID, weight: Int) {
            self.outcome = outcome
            self.weight = weight
        }
    }

    public var name: String
    /// At least two, in the order of the file.
    public var shares: [Share]
    /// One of them.
    public var baseline: OpaqueID
    /// The primary conversion.
    public var conversion: OpaqueID
    /// In how many days after the assignment a conversion belongs to it.
    public var windowDays: Int
    /// The size of differences that its comparison is most sensitive to: 0.01 is one percentage point.
    public var tau: Double

    public init(
        name: String, shares: [Share], baseline: OpaqueID, conversion: OpaqueID, windowDays: Int = 7, tau: Double = 0.01
    ) {
        self.name = name
        self.shares = shares
        self.baseline = baseline
        self.conversion = conversion
        self.windowDays = windowDays
        self.tau = tau
    }
}
