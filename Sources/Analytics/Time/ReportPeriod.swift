import Foundation
import Storage

/// The time that a report is of, and the time zone by whose days it goes.
public struct ReportPeriod: Sendable, Equatable {
    /// All that there is, by days of UTC.
    public static let allTime = ReportPeriod(start: nil, end: nil, timeZone: .gmt)

    /// nil: since the first event.
    let start: Quarter?
    /// nil: until now.
    let end: Quarter?
    public let timeZone: TimeZone

    /// - Parameters:
    ///   - from: the first day, `2026-11-01`, or a moment at a full quarter of an hour, `2026-11-01T09:15:00+01:00`; nil for
    ///     the first event.
    ///   - to: the last day, or the moment before which it ends; nil for now.
    ///   - timeZone: a name of the tz database, `Europe/Berlin`; nil for UTC.
    public init(from: String?, to: String?, timeZone name: String?) throws(ReportFault) {
        let zone = try Self.zone(name)
        let start = try from.map { text throws(ReportFault) in
            try Self.quarter(text, of: "from", in: zone, isEnd: false)
        }
        let end = try to.map { text throws(ReportFault) in try Self.quarter(text, of: "to", in: zone, isEnd: true) }
        self.init(start: start, end: end, timeZone: zone)
        guard range(within: .all) != nil else { throw .empty }
    }

    /// From a quarter of an hour on, by days of UTC.
    public init(from start: Quarter) {
        self.init(start: start, end: nil, timeZone: .gmt)
    }

    /// The buckets in which it fits a chart: hours for up to three days, otherwise days.
    public var chartWidth: BucketWidth {
        guard let start, let end else { return .day }
        return end.number - start.number <= 3 * 100 ? .hour : .day
    }

    private init(start: Quarter?, end: Quarter?, timeZone: TimeZone) {
        self.start = start
        self.end = end
        self.timeZone = timeZone
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
    var timeZoneName: String { timeZone == .gmt ? "UTC" : timeZone.identifier }

    /// The moment as the period's time zone has it: `2026-11-01T00:00:00+01:00`.
    func text(_ quarter: Quarter) -> String {
        Date(quarter: quarter.number).formatted(
            Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: timeZone))
    }

    /// The same of its ends; nil where they are open.
    var startText: String? { start.map(text) }
    var endText: String? { end.map(text) }

    /// Its first day and its last one, or whatever it has of the two: `2026-11-01-2026-11-07`; nil where both are open.
    var daysText: String? {
        guard start != nil || end != nil else { return nil }
        let first = start.map { String(text($0).prefix(10)) } ?? "until"
        let last = end.map { String(text(Quarter($0.number - 1)).prefix(10)) } ?? "on"
        return "\(first)-\(last)"
    }

    private static func zone(_ name: String?) throws(ReportFault) -> TimeZone {
        guard let name, name != "UTC" else { return .gmt }
        // What follows a NUL would not be looked at. And of names without a slash most are abbreviations and offsets, such as
        // PST and GMT+0107, which Foundation knows and the tz database does not.
        let isPlain = name.utf8.allSatisfy { (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) }
        guard isPlain, name.contains("/") || name == "GMT", let zone = TimeZone(identifier: name) else {
            throw .timeZone(name)
        }
        return zone
    }

    private static func quarter(
        _ text: String, of name: String, in zone: TimeZone, isEnd: Bool
    ) throws(ReportFault) -> Quarter {
        if let day = day(text) { return start(ofDay: isEnd ? day + 1 : day, in: zone) }
        guard Self.day(String(text.prefix(10))) != nil, Self.hasTime(text.dropFirst(10)),
            let moment = try? Date(text, strategy: .iso8601)
        else { throw .moment(name, text) }
        let seconds = moment.timeIntervalSince1970
        let quarters = seconds / Double(Quarter.milliseconds / 1000)
        guard quarters == quarters.rounded() else { throw .moment(name, text) }
        return Quarter(Int64(quarters))
    }

    /// The number of a date's day since 1970; nil for anything but a date.
    private static func day(_ text: String) -> Int64? {
        let style = Date.ISO8601FormatStyle().year().month().day()
        // What is read leniently does not come out as it went in. Before 1970 nothing was recorded, and clocks were set by
        // the sun; RFC 3339 has four digits for the year.
        guard let date = try? Date(text, strategy: style), date.formatted(style) == text, text.utf8.count == 10,
            ("1970"..."9998").contains(text.prefix(4))
        else { return nil }
        return Int64(date.timeIntervalSince1970 / 86_400)
    }

    /// Whether a text is the rest of a moment after its date: `T09:15:00Z` or `T09:15:00+01:00`. Foundation reads 24:15 and 00:74,
    /// too.
    private static func hasTime(_ text: Substring) -> Bool {
        let time = text.dropFirst().prefix(8)
        let offset = text.dropFirst(9)
        guard text.first == "T", isClock(time, parts: 3) else { return false }
        return offset == "Z"
            || ((offset.hasPrefix("+") || offset.hasPrefix("-")) && isClock(offset.dropFirst(), parts: 2))
    }

    /// Whether a text is hours and minutes, and seconds where there are three parts: two digits each.
    private static func isClock(_ text: Substring, parts count: Int) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.count == 2 && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        return parts.count == count && numbers.count == count && numbers[0] < 24
            && numbers.dropFirst().allSatisfy { $0 < 60 }
    }

    /// The first quarter of an hour of a day of the zone's.
    private static func start(ofDay day: Int64, in zone: TimeZone) -> Quarter {
        let first = day * Quarter.perDay
        // No zone is a whole day and a half from UTC.
        let about = first - 144..<first + 144
        let clock = LocalClock(zone, over: Quarter(about.lowerBound)..<Quarter(about.upperBound))
        return Quarter(about.first { clock.local($0) >= first } ?? first)
    }
}
