import Statistics

/// One experiment that is looked at every day.
struct Experiment {
    let trueDifference: Double
    private(set) var verdictDay: Int?
    private(set) var oneLookDay: Int?
    private(set) var missed = false
    /// At the latest look; nil while there are too few conversions.
    private(set) var widthRatio: Double?

    init(trueDifference: Double) {
        self.trueDifference = trueDifference
    }

    mutating func look(day: Int, outcome: ArmCounts, baseline: ArmCounts) {
        guard let outcome = outcome.proportion, let baseline = baseline.proportion,
            let arm = Comparison(mature: [baseline, outcome], baseline: 0)?.arms.first,
            case .success(let interval) = arm.alwaysValid, let oneLook = arm.oneLook
        else { return }
        if !interval.contains(0) { verdictDay = verdictDay ?? day }
        if !oneLook.contains(0) { oneLookDay = oneLookDay ?? day }
        if !interval.contains(trueDifference) { missed = true }
        widthRatio = interval.width / oneLook.width
    }
}
