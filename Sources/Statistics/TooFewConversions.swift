/// Why there is no always-valid interval yet.
public struct TooFewConversions: Error, Sendable, Equatable {
    /// How many each of the two needs.
    public let needed: Int
    public let outcome: Int
    public let baseline: Int
}
