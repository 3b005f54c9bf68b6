/// One arm whose subjects convert some days after they were exposed.
struct DelayedArm {
    private struct Cohort {
        let subjects: Int
        /// By the number of days after which they are seen.
        let conversions: [Int]
    }

    let rate: Double
    let delay: Delay
    private var cohorts: [Cohort] = []

    init(rate: Double, delay: Delay) {
        self.rate = rate
        self.delay = delay
    }

    mutating func expose(_ subjects: Int, using generator: inout some RandomNumberGenerator) {
        let conversions = BinomialDistribution(trials: subjects, probability: rate).draw(using: &generator)
        cohorts.append(Cohort(subjects: subjects, conversions: delay.split(conversions, using: &generator)))
    }

    /// What is known at the end of the latest day of those who were exposed at least `days` days ago.
    func counts(exposedBefore days: Int) -> ArmCounts {
        var counts = ArmCounts()
        for (day, cohort) in cohorts.enumerated().dropLast(days) {
            let age = cohorts.count - 1 - day
            let seen = cohort.conversions.prefix(age + 1).reduce(0, +)
            counts.add(subjects: cohort.subjects, conversions: seen)
        }
        return counts
    }
}
