import Statistics

/// One experiment that is looked at every day.
struct Experiment {
    let traffic: Traffic
    private(set) var verdictDay: Int?
    private(set) var oneLookDay: Int?
    private(set) var missed = false
    /// At the latest look; nil while there are too few conversions.
    private(set) var widthRatio: Double?

    init(_ traffic: Traffic) {
        self.traffic = traffic
    }

    mutating func look(day: Int, outcome: ArmCounts, baseline: ArmCounts) {
        guard let outcome = outcome.proportion, let baseline = baseline.proportion,
            min(outcome.failures, baseline.failures) >= traffic.failuresNeeded,
            let arm = Comparison(mature: [baseline, outcome], baseline: 0, tau: traffic.tau)?.arms.first,
            case .success(let interval) = arm.alwaysValid, let oneLook = arm.oneLook
        else { return }
        if !interval.contains(0) { verdictDay = verdictDay ?? day }
        if !oneLook.contains(0) { oneLookDay = oneLookDay ?? day }
        if !interval.contains(traffic.trueDifference) { missed = true }
        widthRatio = interval.width / oneLook.width
    }
}
