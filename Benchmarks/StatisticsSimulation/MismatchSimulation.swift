import Statistics
import TestSupport

/// Groups whose subjects are assigned by some shares, tested against some weights every day.
struct MismatchSimulation: Sendable {
    let weights: [Int]
    let subjectsDaily: Int
    /// How much of the first arm's subjects is lost before they are counted, from 0 to 1.
    var lost = 0.0
    var days = 365

    func run(experiments: Int, seed: UInt64) -> AlarmTally {
        var tally = AlarmTally(experiments: experiments)
        guard let test = SampleRatioTest(weights: weights) else { return tally }
        var generator = SeededGenerator(seed: seed)
        let sum = Double(weights.reduce(0, +))
        let assignment = MultinomialDistribution(trials: subjectsDaily, shares: weights.map { Double($0) / sum })
        for _ in 0..<experiments {
            var counts = weights.map { _ in 0 }
            tally.watch(days: days) {
                var today = assignment.draw(using: &generator)
                today[0] = BinomialDistribution(trials: today[0], probability: 1 - lost).draw(using: &generator)
                for index in counts.indices { counts[index] += today[index] }
                return test.evidence(counts: counts)
            }
        }
        return tally
    }

    var cells: [String] {
        [weights.map { "\($0)" }.joined(separator: ":"), "\(subjectsDaily)"]
    }
}
