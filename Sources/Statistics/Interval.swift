/// All numbers from `low` to `high`, both included.
public struct Interval: Sendable, Equatable {
    public let low: Double
    /// At least `low`.
    public let high: Double

    init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    public var width: Double { high - low }

    public func contains(_ value: Double) -> Bool {
        low <= value && value <= high
    }
}
