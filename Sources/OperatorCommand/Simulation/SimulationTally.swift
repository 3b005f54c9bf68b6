/// What was sent and acknowledged, by outcome and conversion.
struct SimulationTally: Sendable, Equatable {
    struct Count: Sendable, Equatable {
        /// Those with at least one that was acknowledged, by their index in the plan.
        var visitors: Set<Int> = []
        /// Exposures or conversions that were answered 201.
        var acknowledged = 0
        /// Requests, of which those that were not answered 201 may have been counted all the same.
        var attempted = 0

        /// How many may have been counted: each that was acknowledged, and nobody can tell which of the others.
        var events: ClosedRange<Int> { acknowledged...attempted }
    }

    private(set) var counts: [SimulationKey: Count] = [:]
    /// How many requests of bots were answered with each status.
    private(set) var botAnswers: [Int: Int] = [:]

    /// A visitor's exposure or conversion was answered 201 at the last of so many attempts.
    mutating func recorded(_ key: SimulationKey, visitor: Int, attempts: Int) {
        counts[key, default: Count()].visitors.insert(visitor)
        counts[key, default: Count()].acknowledged += 1
        counts[key, default: Count()].attempted += attempts
    }

    /// A bot's request was answered, and not to be sent again.
    mutating func answeredBot(status: Int) {
        botAnswers[status, default: 0] += 1
    }

    mutating func add(_ other: SimulationTally) {
        for (key, count) in other.counts {
            counts[key, default: Count()].visitors.formUnion(count.visitors)
            counts[key, default: Count()].acknowledged += count.acknowledged
            counts[key, default: Count()].attempted += count.attempted
        }
        botAnswers.merge(other.botAnswers, uniquingKeysWith: +)
    }

    func count(of key: SimulationKey) -> Count { counts[key] ?? Count() }

    /// Distinct over all outcomes and conversions.
    var visitors: Int {
        counts.values.reduce(into: Set<Int>()) { $0.formUnion($1.visitors) }.count
    }

    var exposures: Int { counts.reduce(0) { $0 + ($1.key.conversion == nil ? $1.value.acknowledged : 0) } }
    var acknowledged: Int { counts.values.reduce(0) { $0 + $1.acknowledged } }
    var attempted: Int { counts.values.reduce(0) { $0 + $1.attempted } }
}
