/// What was sent and acknowledged, by outcome and conversion.
struct SimulationTally: Sendable, Equatable {
    struct Count: Sendable, Equatable {
        /// Those with at least one acknowledged conversion, by their index in the plan.
        var visitors: Set<Int> = []
        /// Conversions that were answered 201.
        var acknowledged = 0
        /// Requests, of which those that were not answered 201 may have been counted all the same.
        var attempted = 0
    }

    private(set) var counts: [SimulationKey: Count] = [:]

    /// A conversion was answered 201 at the last of so many attempts.
    mutating func acknowledged(_ key: SimulationKey, visitor: Int, attempts: Int) {
        counts[key, default: Count()].visitors.insert(visitor)
        counts[key, default: Count()].acknowledged += 1
        counts[key, default: Count()].attempted += attempts
    }

    mutating func add(_ other: SimulationTally) {
        for (key, count) in other.counts {
            counts[key, default: Count()].visitors.formUnion(count.visitors)
            counts[key, default: Count()].acknowledged += count.acknowledged
            counts[key, default: Count()].attempted += count.attempted
        }
    }

    /// Distinct over all outcomes and conversions.
    var visitors: Int {
        counts.values.reduce(into: Set<Int>()) { $0.formUnion($1.visitors) }.count
    }

    var acknowledged: Int { counts.values.reduce(0) { $0 + $1.acknowledged } }
    var attempted: Int { counts.values.reduce(0) { $0 + $1.attempted } }
}
