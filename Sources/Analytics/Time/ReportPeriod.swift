import Storage

/// The time that a report is of, and the time zone by whose days it goes.
public struct ReportPeriod: Sendable, Equatable {
    /// All that there is, by days of UTC.
    public static let allTime = ReportPeriod(start: nil, end: nil, timeZone: .utc)

    /// nil: since the first event.
    let start: Quarter?
    /// nil: until now.
    let end: Quarter?
    public let timeZone: Zone
    /// Whether it was asked for from or to a moment within a quarter of an hour, and so reaches further than that.
    let isRounded: Bool

    /// - Parameters:
    ///   - from: the first day, `2026-11-01`, or a moment, `2026-11-01T09:15:00+01:00`; nil for the first event.
    ///   - to: the last day, or the moment before which it ends; nil for now. Of a moment within a quarter of an hour the whole
    ///     of that is taken, so that nothing is left out that was asked for.
    ///   - timeZone: a name of the tz database, `Europe/Berlin`; nil for UTC.
    public init(from: String?, to: String?, timeZone name: String?) throws(ReportFault) {
        let zone = try Zone(name)
        let start = try from.map { text throws(ReportFault) in
            try Self.milliseconds(text, of: "from", in: zone, isEnd: false)
        }
        let end = try to.map { text throws(ReportFault) in try Self.milliseconds(text, of: "to", in: zone, isEnd: true)
        }
        if let start, let end, start >= end { throw .empty }
        self.init(
            start: start.map(Quarter.init(containing:)), end: end.map(Quarter.init(notBefore:)), timeZone: zone,
            isRounded: [start, end].contains { $0.map { $0 % Quarter.milliseconds != 0 } ?? false })
        guard range(within: .all) != nil else { throw .empty }
    }

    /// From a quarter of an hour on, by days of UTC.
    public init(from start: Quarter) {
        self.init(start: start, end: nil, timeZone: .utc)
    }

    /// The buckets in which it fits a chart: hours for up to three days, otherwise days.
    public var chartWidth: BucketWidth {
        guard let start, let end else { return .day }
        return end.number - start.number <= 3 * 100 ? .hour : .day
    }

    private init(start: Quarter?, end: Quarter?, timeZone: Zone, isRounded: Bool = false) {
        self.start = start
        self.end = end
        self.timeZone = timeZone
        self.isRounded = isRounded
    }

    /// The same, and no later than the end of a day.
    public func until(_ day: ReportDay?) -> ReportPeriod {
        until(day?.end)
    }

    func until(_ quarter: Quarter?) -> ReportPeriod {
        guard let quarter, quarter < end ?? Range<Quarter>.all.upperBound else { return self }
        return ReportPeriod(start: start, end: quarter, timeZone: timeZone, isRounded: isRounded)
    }

    /// All of it; empty where it begins after all time.
    var range: Range<Quarter> {
        let lower = start ?? Range.all.lowerBound
        return lower..<max(lower, end ?? Range.all.upperBound)
    }

    /// The period, with its open ends where `extent` has its own; nil where nothing is left.
    func range(within extent: Range<Quarter>) -> Range<Quarter>? {
        let (lower, upper) = (start ?? extent.lowerBound, end ?? extent.upperBound)
        return lower < upper ? lower..<upper : nil
    }

    var isAllTime: Bool { start == nil && end == nil }

    /// As the tz database has it.
    var timeZoneName: String { timeZone.name }

    /// The moment as the period's time zone has it: `2026-11-01T00:00:00+01:00`.
    func text(_ quarter: Quarter) -> String {
        let seconds = quarter.number * (Quarter.milliseconds / 1000)
        // RFC 3339 has offsets of whole minutes. Some zones had others until 1972.
        let minutes = timeZone.offsetSeconds(at: seconds).floored(by: 60)
        let local = CivilTime(seconds: seconds + minutes * 60).text
        guard minutes != 0 else { return local + "Z" }
        let (hour, minute) = (abs(minutes) / 60, abs(minutes) % 60)
        return local + (minutes < 0 ? "-" : "+") + "\(CivilTime.twoDigits(hour)):\(CivilTime.twoDigits(minute))"
    }

    /// The same of its ends; nil where they are open.
    var startText: String? { start.map(text) }
    var endText: String? { end.map(text) }

    /// Its last day, `2026-11-07`; nil where that is open.
    var lastDayText: String? {
        end.map { String(text(Quarter($0.number - 1)).prefix(10)) }
    }

    /// Its first day and its last one, or whatever it has of the two: `2026-11-01-2026-11-07`; nil where both are open.
    public var daysText: String? {
        guard start != nil || end != nil else { return nil }
        let first = start.map { String(text($0).prefix(10)) } ?? "until"
        let last = lastDayText ?? "on"
        return "\(first)-\(last)"
    }

    /// The same, and with a day where its end is open: `2026-11-01-2026-11-07`, `all-time-2026-11-07`.
    public func daysText(openUntil day: String) -> String {
        guard end == nil else { return daysText ?? "" }
        return "\(start.map { text($0).prefix(10) } ?? "all-time")-\(day)"
    }

    /// Since 1970, UTC.
    private static func milliseconds(
        _ text: String, of name: String, in zone: Zone, isEnd: Bool
    ) throws(ReportFault) -> Int64 {
        if let day = day(text) { return start(ofDay: isEnd ? day + 1 : day, in: zone).startMilliseconds }
        guard let milliseconds = CivilTime.milliseconds(text) else { throw .moment(name, text) }
        return milliseconds
    }

    /// The number of a date's day since 1970; nil for anything but a date. Before 1970 nothing was recorded, and clocks were
    /// set by the sun; RFC 3339 has four digits for the year.
    private static func day(_ text: String) -> Int64? {
        ("1970"..."9998").contains(text.prefix(4)) ? CivilTime.day(text) : nil
    }

    /// The first quarter of an hour of a day of the zone's.
    private static func start(ofDay day: Int64, in zone: Zone) -> Quarter {
        let first = day * Quarter.perDay
        // No zone is a whole day and a half from UTC.
        let about = first - 144..<first + 144
        let clock = LocalClock(zone, over: Quarter(about.lowerBound)..<Quarter(about.upperBound))
        return Quarter(about.first { clock.local($0) >= first } ?? first)
    }
}

/// A day of UTC, in whose end a result is told as it was then.
public struct ReportDay: Sendable, Equatable {
    /// `2026-11-15`.
    public let text: String
    /// The first quarter of an hour after it.
    let end: Quarter

    public init(_ text: String) throws(ReportFault) {
        guard let day = CivilTime.day(text) else { throw .day("asOf", text) }
        self.text = text
        end = Quarter((day + 1) * Quarter.perDay)
    }
}

/// Why there is no report as it is asked for. The description says what would be right.
public enum ReportFault: Error, Equatable, Sendable, CustomStringConvertible {
    case timeZone(String)
    /// What was asked for, and where the tz database should be and is not.
    case noTimeZones(String, String)
    /// What was asked for, where the tz database is, and what is wrong with the file.
    case unreadableTimeZone(String, String, ZoneFault)
    /// `from` or `to`, and what it says.
    case moment(String, String)
    /// `asOf`, and what it says.
    case day(String, String)
    case empty
    case tooManyBuckets(BucketWidth, max: Int)
    case tooManyCells(Int, max: Int)

    public var description: String {
        switch self {
        case .timeZone(let name):
            "There is no time zone '\(name)'. Name one as the tz database does, such as Europe/Berlin, or UTC."
        case .noTimeZones(let name, let directory):
            "The time zone '\(name)' cannot be had, only UTC: this system has no time zones in \(directory). Install the "
                + "package tzdata."
        case .unreadableTimeZone(let name, let directory, let fault):
            "The time zone '\(name)' cannot be read from \(directory): \(fault). Install the package tzdata again."
        case .moment(let name, let text):
            "\(name) has to be a date, such as 2026-11-01, or a time with its offset from UTC, such as "
                + "2026-11-01T09:15:00+01:00 (in a URL + is written %2B), not '\(text)'."
        case .day(let name, let text):
            "\(name) has to be a day of UTC, such as 2026-11-15, not '\(text)'."
        case .empty:
            "to lies before from, or at it. A date stands for the whole day: from=2026-11-01&to=2026-11-01 is one day."
        case .tooManyBuckets(let width, let max):
            "There are more than \(max) buckets of \(width.phrase). Ask for a shorter time with from and to, or for "
                + "larger buckets."
        case .tooManyCells(let count, let max):
            "The file would have \(count) cells, and more than \(max) are not made. Ask for a shorter time, or for the full report, "
                + "which has a row for each conversion in place of a column."
        }
    }
}

extension BucketWidth {
    fileprivate var phrase: String {
        switch self {
        case .quarterHour: "a quarter of an hour"
        case .hour: "an hour"
        case .day: "a day"
        }
    }
}

/// What is to be known of a report's figures.
struct ReportNotes {
    /// What is to be known of verdicts, and of nothing else, begins so.
    static let range = "A range of dates describes and decides nothing"

    let sentences: [String]

    /// - Parameter epochs: when each began, milliseconds since 1970, UTC.
    init(period: ReportPeriod, hasGroups: Bool, epochs: [Int64], counted: CountedTime? = nil) {
        let range =
            Self.range
            + (hasGroups ? ": verdicts and what is compared are of each group's whole time" : "")
        let secrets = epochs.dropFirst().map { epoch in
            "The subject secret was changed at \(Timestamp(milliseconds: epoch).text): visitors count anew from then on"
        }
        let rounded = "The time is taken to the full quarters of an hour around it, by which counts are kept"
        sentences =
            [counted?.note].compactMap { $0 } + (period.isAllTime ? [] : [range]) + (period.isRounded ? [rounded] : [])
            + secrets
    }
}
