import Statistics

/// What came of many experiments of one setting.
struct VerdictTally: Sendable {
    private(set) var experiments = 0
    /// In how many the always-valid interval left 0 out at one look or more.
    private(set) var alarms = 0
    /// In how many the interval for one look did, looked at each time that the other was there.
    private(set) var oneLookAlarms = 0
    /// In how many the always-valid interval left the true difference out at one look or more.
    private(set) var misses = 0
    /// The always-valid interval's width ÷ that for one look, at the last look.
    private(set) var widthRatios: [Double] = []
    /// The first day with a verdict, of those that had one.
    private(set) var verdictDays: [Int] = []

    mutating func add(_ experiment: Experiment) {
        experiments += 1
        if let day = experiment.verdictDay { verdictDays.append(day) }
        if experiment.verdictDay != nil { alarms += 1 }
        if experiment.oneLookDay != nil { oneLookAlarms += 1 }
        if experiment.missed { misses += 1 }
        if let ratio = experiment.widthRatio { widthRatios.append(ratio) }
    }

    func share(_ count: Int) -> Double {
        Double(count) / Double(max(experiments, 1))
    }

    /// nil where fewer than half of the experiments had conversions enough at the last look.
    var widthRatio: Double? {
        Self.median(widthRatios, of: experiments)
    }

    /// The day by which half of all experiments have had their verdict; nil where fewer ever have.
    var medianVerdictDay: Double? {
        Self.median(verdictDays.map(Double.init), of: experiments)
    }

    /// The median where values that are missing are greater than all others.
    private static func median(_ values: [Double], of count: Int) -> Double? {
        let place = count / 2
        return place < values.count ? values.sorted()[place] : nil
    }
}
