/// Everything counted under one outcome of a rule version.
public struct OutcomeReport: Hashable, Sendable {
    public let outcome: DimensionName
    /// Sorted by name, `other` last.
    public let conversions: [ConversionReport]

    public init(outcome: DimensionName, conversions: [ConversionReport]) {
        self.outcome = outcome
        self.conversions = conversions
    }
}
