import Statistics

/// An interval of rates, or of differences between rates; both ends belong to it.
public struct Bounds: Codable, Sendable, Equatable {
    public let low: Double
    public let high: Double

    init(_ interval: Interval) {
        low = interval.low
        high = interval.high
    }
}
