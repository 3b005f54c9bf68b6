import Storage

/// How finely a series tells time.
public enum BucketWidth: String, Codable, Sendable, CaseIterable {
    case quarterHour = "quarter-hour"
    case hour
    case day

    /// In quarters of an hour, on a day on which no clock is turned.
    var quarters: Int64 {
        switch self {
        case .quarterHour: 1
        case .hour: 4
        case .day: Quarter.perDay
        }
    }

    /// The buckets of a range in a time zone: full hours and days of its wall clock, cut where the range begins and ends. A day
    /// on which the clock is turned is longer or shorter. Where there are more than `countMax`, only so many are there
    /// and one more.
    func buckets(of range: Range<Quarter>, in zone: Zone, countMax: Int) -> [Range<Quarter>] {
        let (start, limit) = (range.lowerBound.number, Int64(countMax + 2) * quarters)
        let end = range.count(isAtMost: limit) ? range.upperBound.number : start + limit
        let clock = LocalClock(zone, over: Quarter(start)..<Quarter(end))
        var buckets: [Range<Quarter>] = []
        var quarter = start
        while quarter < end, buckets.count <= countMax {
            let next = min(self.end(ofBucketAt: quarter, clock), end)
            buckets.append(Quarter(quarter)..<Quarter(next))
            quarter = next
        }
        return buckets
    }

    /// An hour in which the clock is turned is two; a day stays one.
    private func end(ofBucketAt quarter: Int64, _ clock: LocalClock) -> Int64 {
        let localEnd = (clock.local(quarter).floored(by: quarters) + 1) * quarters
        var position = quarter
        while case let next = position + (localEnd - clock.local(position)), next > position {
            // A clock that is turned back just at the end goes on in the same day.
            guard let turn = clock.turn(after: position), turn <= next else { return next }
            position = turn
            if self != .day { break }
        }
        return position
    }
}

extension Range<Quarter> {
    /// Ranges may reach from one end of time to the other.
    fileprivate func count(isAtMost limit: Int64) -> Bool {
        let (count, overflow) = upperBound.number.subtractingReportingOverflow(lowerBound.number)
        return !overflow && count <= limit
    }
}

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
