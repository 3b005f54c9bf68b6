import Statistics
import TestSupport

/// Groups some of whose requests are refused, tested every day.
struct RefusalSimulation: Sendable {
    /// Of the requests, adding up to 1.
    let shares: [Double]
    let requestsDaily: Int
    /// The probability of a refusal.
    let rate: Double
    /// The first arm's rate ÷ the others'.
    var ratio = 1.0
    /// How many days in a hundred have an outage, which refuses a fifth of all requests.
    var outages = 0
    /// How often a visitor who was refused tries again, in vain.
    var retries = 0
    var days = 365

    func run(experiments: Int, seed: UInt64) -> AlarmTally {
        var generator = SeededGenerator(seed: seed)
        var tally = AlarmTally(experiments: experiments)
        for _ in 0..<experiments {
            var arms = shares.map { _ in ArmCounts() }
            tally.watch(days: days) {
                day(&arms, using: &generator)
                return RefusalTest.evidence(arms.compactMap(\.proportion))
            }
        }
        return tally
    }

    private func day(_ arms: inout [ArmCounts], using generator: inout SeededGenerator) {
        let requests = MultinomialDistribution(trials: requestsDaily, shares: shares).draw(using: &generator)
        let isOutage = Int.random(in: 0..<100, using: &generator) < outages
        for index in arms.indices {
            let rate = (isOutage ? 0.2 : rate) * (index == 0 ? ratio : 1)
            let refused = BinomialDistribution(trials: requests[index], probability: rate).draw(using: &generator)
            let again = refused * retries
            arms[index].add(subjects: requests[index] + again, conversions: refused + again)
        }
    }

    var cells: [String] {
        [
            shares.map(Text.share).joined(separator: ":"), "\(requestsDaily)", Text.percent(rate),
            outages > 0 ? "\(outages) in 100" : "none",
        ]
    }
}
