/// The outcomes of the simulated rule version, to which visitors are assigned at random by the weights.
struct SimulatedOutcomes: Sendable, Equatable {
    /// Of the rates where none are given: 5 %, 8 %, … up to 20 %, then from the first again.
    private static let defaultPercents = [5.0, 8, 11, 14, 17, 20]

    let all: [SimulatedOutcome]
    /// The sums of the weights up to and with each outcome.
    private let ends: [Int]

    /// - Parameters:
    ///   - count: At least 1.
    ///   - weights: As many as outcomes, each at least 1; nil for equal ones.
    ///   - registeredPercents: As many as outcomes, each from 0 to 100; nil for the default ones.
    init(count: Int, weights: [Int]? = nil, registeredPercents: [Double]? = nil) {
        all = (0..<count).map { index in
            SimulatedOutcome(
                number: index + 1, weight: weights?[index] ?? 1,
                registeredPercent: registeredPercents?[index]
                    ?? Self.defaultPercents[index % Self.defaultPercents.count])
        }
        var sum = 0
        ends = all.map { outcome in
            sum += outcome.weight
            return sum
        }
    }

    /// The index of an outcome, drawn by the weights.
    func drawn(using generator: inout SeededGenerator) -> Int {
        let point = Int.random(in: 0..<(ends.last ?? 1), using: &generator)
        var candidates = all.indices
        while candidates.count > 1 {
            let middle = candidates.lowerBound + candidates.count / 2
            candidates = ends[middle - 1] > point ? candidates.lowerBound..<middle : middle..<candidates.upperBound
        }
        return candidates.lowerBound
    }

    /// The index of an outcome other than that one; nil when there is none.
    func drawn(besides index: Int, using generator: inout SeededGenerator) -> Int? {
        guard all.count > 1 else { return nil }
        return (index + Int.random(in: 1..<all.count, using: &generator)) % all.count
    }
}
