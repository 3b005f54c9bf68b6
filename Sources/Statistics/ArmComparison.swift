/// One of a group's outcomes beside the baseline.
public struct ArmComparison: Sendable, Equatable {
    /// The arm's place in the group.
    public let index: Int
    /// nil where this arm or the baseline has no subjects.
    public let difference: RateDifference?
    /// Newcombe's interval at level α: for whoever looks once. nil where there is no difference.
    public let oneLook: Interval?
    /// At level α / (arms − 1); all looks and all arms together are wrong with probability α at most.
    public let alwaysValid: Result<Interval, TooFewConversions>
    public let conclusion: Conclusion

    init(index: Int, arm: Proportion, baseline: Proportion, level: SignificanceLevel, sequence: ConfidenceSequence) {
        self.index = index
        difference = RateDifference(arm, minus: baseline)
        oneLook = difference?.newcombeInterval(level)
        alwaysValid = sequence.interval(of: arm, minus: baseline)
        conclusion = Conclusion(alwaysValid)
    }
}
