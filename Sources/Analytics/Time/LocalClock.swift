import Storage

/// The wall clock of a time zone over some range of time, in quarters of an hour.
struct LocalClock {
    private struct Step {
        /// The first quarter of an hour that it holds for.
        let start: Int64
        /// What is added to the time in UTC.
        let offset: Int64
    }

    /// In rising order; the first holds for all time before, too.
    private let steps: [Step]

    /// The range is looked at once a day, so a zone that turned its clock twice within a day would be taken for one that
    /// did so once or not at all; none does.
    init(_ zone: Zone, over range: Range<Quarter>) {
        let (first, end) = (range.lowerBound.number, range.upperBound.number)
        var steps = [Step(start: first, offset: Self.offset(of: zone, at: first))]
        var day = first
        while day < end {
            let next = min(day + Quarter.perDay, end)
            let offset = Self.offset(of: zone, at: next)
            if let last = steps.last, offset != last.offset {
                let start = Self.firstQuarter(after: day, through: next) { Self.offset(of: zone, at: $0) == offset }
                steps.append(Step(start: start, offset: offset))
            }
            day = next
        }
        self.steps = steps
    }

    /// What the wall clock shows at the start of a quarter, in quarters of an hour since 1970.
    func local(_ quarter: Int64) -> Int64 {
        let step = steps.last { $0.start <= quarter } ?? steps[0]
        return quarter + step.offset
    }

    /// The first quarter after this one at which the clock is turned; nil where it is not.
    func turn(after quarter: Int64) -> Int64? {
        steps.dropFirst().first { $0.start > quarter }?.start
    }

    /// The first of the quarters for which something holds that holds from some quarter on.
    private static func firstQuarter(after low: Int64, through high: Int64, _ holds: (Int64) -> Bool) -> Int64 {
        var (low, high) = (low, high)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle }
        }
        return high
    }

    /// Zones were not always whole quarters of an hour from UTC; where they were not, the nearest below is taken.
    private static func offset(of zone: Zone, at quarter: Int64) -> Int64 {
        let secondsPerQuarter = Quarter.milliseconds / 1000
        return zone.offsetSeconds(at: quarter * secondsPerQuarter).floored(by: secondsPerQuarter)
    }
}
