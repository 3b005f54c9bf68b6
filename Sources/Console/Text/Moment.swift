import Analytics
import Foundation

/// Moments as people write them.
struct Moment {
    private let date: Date
    private let zone: Zone

    /// - Parameter text: as RFC 3339 has it, with or without milliseconds.
    init?(_ text: String, in zone: Zone) {
        guard let milliseconds = CivilTime.milliseconds(text) else { return nil }
        self.init(Date(timeIntervalSince1970: Double(milliseconds) / 1000), in: zone)
    }

    init(_ date: Date, in zone: Zone) {
        self.date = date
        self.zone = zone
    }

    /// So many times 24 hours later.
    func after(days: Int) -> Moment {
        Moment(date.addingTimeInterval(Double(days) * 86_400), in: zone)
    }

    func isAfter(_ other: Moment) -> Bool {
        date > other.date
    }

    /// `25 November 2026, 18:30`.
    var text: String { "\(day), \(time)" }

    /// `25 November 2026`.
    var day: String {
        date.formatted(style.day().month(.wide).year())
    }

    /// `18:30`.
    var time: String {
        date.formatted(style.hour(.twoDigits(amPM: .omitted)).minute(.twoDigits))
    }

    /// `2026-11-25`, as a date's field has it.
    var isoDay: String { isoDay(daysAgo: 0) }

    /// The day so many days before, by the calendar: a day on which the clock is turned is one, too.
    func isoDay(daysAgo days: Int) -> String {
        CivilTime(seconds: seconds + offsetSeconds - Int64(days) * 86_400).dateText
    }

    /// `3 minutes ago`, `2 days ago`.
    func ago(from now: Date) -> String {
        let seconds = max(0, now.timeIntervalSince(date))
        let units: [(Double, String)] = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        guard let (length, name) = units.first(where: { seconds >= $0.0 }) else { return "just now" }
        let count = Int(seconds / length)
        return "\(count) \(name)\(count == 1 ? "" : "s") ago"
    }

    /// Since 1970, UTC.
    private var seconds: Int64 { Int64(date.timeIntervalSince1970.rounded(.down)) }

    private var offsetSeconds: Int64 { zone.offsetSeconds(at: seconds) }

    /// Foundation knows the moment's offset alone: it has time zones of its own, which no upgrade of the system changes.
    private var style: Date.FormatStyle {
        Date.FormatStyle(
            locale: Locale(identifier: "en_GB"), calendar: Calendar(identifier: .gregorian),
            timeZone: TimeZone(secondsFromGMT: Int(offsetSeconds)) ?? .gmt)
    }
}
