/// How values are spread: how many lie at or below each of some bounds, as Prometheus's histograms have it.
public struct Histogram: Sendable, Equatable {
    /// In rising order.
    public let bounds: [Double]
    /// How many values lie at or below each bound, and in the last place all of them.
    public private(set) var cumulativeCounts: [Int]
    public private(set) var sum = 0.0

    public init(bounds: [Double]) {
        self.bounds = bounds
        cumulativeCounts = Array(repeating: 0, count: bounds.count + 1)
    }

    public var count: Int { cumulativeCounts[bounds.count] }

    public mutating func observe(_ value: Double) {
        sum += value
        let first = bounds.firstIndex { value <= $0 } ?? bounds.count
        for index in first...bounds.count { cumulativeCounts[index] += 1 }
    }
}
