import Statistics

/// One arm's counts so far.
struct ArmCounts {
    private(set) var subjects = 0
    private(set) var conversions = 0

    mutating func add(subjects: Int, conversions: Int) {
        self.subjects += subjects
        self.conversions += conversions
    }

    /// nil where more have converted than were there, which no simulation should bring about.
    var proportion: Proportion? {
        Proportion(successes: conversions, trials: subjects)
    }
}
