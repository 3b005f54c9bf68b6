// How moments, numbers, rates and names stand on a page.

import Analytics
import FoundationEssentials

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

    /// When what a report tells was so: `25 November 2026, 18:30 (UTC)`.
    static func text(asOf report: OutcomesReport, in zone: Zone) -> String {
        "\(Moment(report.asOf.text, in: zone)?.text ?? "") (\(report.timeZone))"
    }

    /// `25 November 2026`.
    var day: String {
        "\(civil.day) \(Self.months[Int(civil.month) - 1]) \(civil.year)"
    }

    /// `18:30`.
    var time: String {
        civil.minuteText
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

    private var civil: CivilTime { CivilTime(seconds: seconds + offsetSeconds) }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}

/// The time zones that a page lets its reader choose from.
enum TimeZoneChoices {
    /// The site's own comes first; it, and one that the reader has named, are there in any case.
    static func all(selected: String, ofSite zone: String? = nil) -> [RulePage.Choice] {
        let own = [zone, selected == zone ? nil : selected].compactMap(\.self)
        let all = own + Zone.choices().filter { !own.contains($0) }
        return all.map { RulePage.Choice(value: $0, label: $0, isSelected: $0 == selected) }
    }
}

extension Int {
    /// As people read it, with a narrow space that does not break between thousands: `12 345`.
    var grouped: String {
        let digits = Array("\(magnitude)")
        let groups = digits.indices.reduce(into: "") { text, index in
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "\u{202F}" }
            text.append(digits[index])
        }
        return self < 0 ? "−\(groups)" : groups
    }
}

extension Double {
    /// A rate with three digits that count: `4.27 %`, `12.8 %`, `0.31 %`.
    var percent: String {
        "\(hundredfold) %"
    }

    /// A rate in percent without the sign: `4.27`.
    var hundredfold: String {
        let percent = self * 100
        let digits = percent >= 10 ? 1 : 2
        if percent > 0, percent < 0.1 { return percent.withDigits(2) }
        return percent.withDecimals(digits)
    }

    /// A difference of rates in percentage points, with its sign: `+1.25`, `−0.40`.
    var points: String {
        let points = abs(self * 100)
        let text = points >= 0.05 || points == 0 ? points.withDecimals(2) : points.withDigits(1)
        return points == 0 ? text : self > 0 ? "+\(text)" : "−\(text)"
    }

    /// A margin in percentage points, as it was declared: `0.75 points`.
    var marginText: String {
        let points = (self * 100).withDecimals(upTo: 4)
        return "\(points) \(points == "1" ? "point" : "points")"
    }

    /// A lift in percent, with its sign: `+56 %`, `−3.1 %`.
    var lift: String {
        let percent = abs(self * 100)
        let text =
            percent >= 9.95
            ? percent.withDecimals(0)
            : percent >= 0.05 || percent == 0 ? percent.withDecimals(1) : percent.withDigits(1)
        return "\(percent == 0 ? "" : self > 0 ? "+" : "−")\(text) %"
    }

    /// How many of a hundred: `0.4`, `12.0`, `0.03`.
    var ofHundred: String {
        let points = self * 100
        return points >= 0.1 || points == 0 ? points.withDecimals(1) : points.withDigits(1)
    }
}

extension Bounds {
    /// `3.99 to 5.87 %`.
    var percent: String { "\(low.hundredfold) to \(high.percent)" }

    /// `+9.1 % to +57 %`.
    var lift: String { "\(low.lift) to \(high.lift)" }

    /// `+0.38 to +1.97`.
    var points: String { "\(low.points) to \(high.points)" }
}

extension String {
    /// A name that turns nothing around it, however it is written: between marks that keep the direction of its writing to
    /// itself, and without such marks of its own, which could end that.
    var isolated: String {
        let scalars = unicodeScalars.filter { !Self.isolates.contains($0) }
        return "\u{2068}\(String(String.UnicodeScalarView(scalars)))\u{2069}"
    }

    /// What begins and ends a part with a direction of its own (Unicode Standard Annex 9).
    private static let isolates: ClosedRange<Unicode.Scalar> = "\u{2066}"..."\u{2069}"
}

/// What was decided of a test, and when.
enum DecisionText {
    /// - Parameter day: `2026-11-30`.
    static func of(_ decision: String, day: String?) -> String {
        "Decided\(day.map { " on \(Moment.day($0))" } ?? ""): \(decision)"
    }
}

/// How an outcome is called where it is shown: by its name, or by its id.
struct OutcomeLabel: Hashable {
    let name: String
    /// The id, where that is not the name.
    let id: String?

    /// - Parameter id: nil for all those together that have no name of their own.
    init(id: String?, name: String?) {
        self.name = name ?? id ?? "all other outcomes"
        self.id = name == nil ? nil : id
    }

    /// A text in parts between which a line may end: after its commas.
    static func parts(_ text: String) -> [String] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        return parts.indices.map { parts[$0] + ($0 == parts.indices.last ? "" : ",") }
    }
}
