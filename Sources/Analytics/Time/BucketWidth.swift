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
