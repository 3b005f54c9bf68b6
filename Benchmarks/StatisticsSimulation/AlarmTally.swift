import Statistics

/// How many experiments had an alarm, and when.
struct AlarmTally: Sendable {
    let experiments: Int
    /// The first day of each that had one.
    private(set) var alarmDays: [Int] = []

    init(experiments: Int) {
        self.experiments = experiments
    }

    /// Looks at one experiment each day until there is an alarm.
    mutating func watch(days: Int, evidence: () -> Evidence?) {
        for day in 1...days where evidence()?.isAlarm == true {
            alarmDays.append(day)
            return
        }
    }

    var share: Double { Double(alarmDays.count) / Double(max(experiments, 1)) }

    /// The day by which half of all experiments have had an alarm; nil where fewer ever have.
    var medianDay: Int? {
        let place = experiments / 2
        return place < alarmDays.count ? alarmDays.sorted()[place] : nil
    }
}
