/// The rule by which a time zone's clock goes on, as POSIX has it in the variable `TZ`, with the extension of TZif's version
/// 3: `CET-1CEST,M3.5.0,M10.5.0/3`, `<-02>2<-01>,M3.5.0/-1,M10.5.0/0`.
///
/// Source: RFC 9636, section 3.3.
struct ZoneRule: Sendable, Equatable {
    /// No clock is further from UTC.
    static let offsets: ClosedRange<Int64> = -26 * 3600...26 * 3600

    private struct Daylight: Equatable {
        let offsetSeconds: Int64
        let start: YearlyTurn
        let end: YearlyTurn
    }

    private let offsetSeconds: Int64
    /// nil where the clock is not turned.
    private let daylight: Daylight?

    init(_ text: String) throws(ZoneFault) {
        var reader = RuleReader(text)
        try reader.passName()
        // POSIX counts westward.
        offsetSeconds = -(try reader.duration(hoursMax: 24))
        guard !reader.isAtEnd else {
            daylight = nil
            return
        }
        try reader.passName()
        let offset = reader.next == UInt8(ascii: ",") ? offsetSeconds + 3600 : -(try reader.duration(hoursMax: 24))
        let (start, end) = (try reader.turn(), try reader.turn())
        guard reader.isAtEnd else { throw .rule }
        daylight = Daylight(offsetSeconds: offset, start: start, end: end)
    }

    func offsetSeconds(at seconds: Int64) -> Int64 {
        guard let daylight else { return offsetSeconds }
        let year = CivilTime.date(ofDay: seconds.floored(by: CivilTime.secondsPerDay)).year
        // A turn may lie some days beyond its year's ends. Where one year's end is the next one's start, the clock stays as it
        // is in between.
        let turns = (year - 1...year + 1).flatMap { year in
            [
                (daylight.start.seconds(inYear: year) - offsetSeconds, 1, daylight.offsetSeconds),
                (daylight.end.seconds(inYear: year) - daylight.offsetSeconds, 0, offsetSeconds),
            ]
        }
        return turns.filter { $0.0 <= seconds }.max { ($0.0, $0.1) < ($1.0, $1.1) }?.2 ?? offsetSeconds
    }
}

/// When a clock is turned in each year, by that clock.
private struct YearlyTurn: Equatable {
    enum Day: Equatable {
        /// From 1 to 365; 29 February is not counted.
        case julian(Int64)
        /// From 0 to 365.
        case ofYear(Int64)
        /// The so-and-so-many-eth such weekday of a month, 5 being the last. Sunday is 0.
        case weekday(month: Int64, week: Int64, Int64)
    }

    let day: Day
    let secondOfDay: Int64

    /// Since 1970.
    func seconds(inYear year: Int64) -> Int64 {
        let number =
            switch day {
            case .julian(let day):
                Self.first(year, 1) + day - 1 + (day > 59 && Self.first(year, 3) - Self.first(year, 1) == 60 ? 1 : 0)
            case .ofYear(let day): Self.first(year, 1) + day
            case .weekday(let month, let week, let weekday): Self.day(year, month, week, weekday)
            }
        return number * CivilTime.secondsPerDay + secondOfDay
    }

    private static func day(_ year: Int64, _ month: Int64, _ week: Int64, _ weekday: Int64) -> Int64 {
        let first = first(year, month)
        // 1 January 1970 was a Thursday.
        let day = first + (weekday - first - 4).remainder(by: 7) + (week - 1) * 7
        return day < (month == 12 ? Self.first(year + 1, 1) : Self.first(year, month + 1)) ? day : day - 7
    }

    /// The first day of a month, which every calendar year has.
    private static func first(_ year: Int64, _ month: Int64) -> Int64 {
        CivilTime.day(year: year, month: month, day: 1) ?? 0
    }
}

/// Reads the parts of a rule, in order.
private struct RuleReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }
    var next: UInt8? { rest.first }

    /// Three letters or more, or letters, digits and signs in angle brackets.
    mutating func passName() throws(ZoneFault) {
        if pass("<") {
            let count = rest.prefix { $0 != UInt8(ascii: ">") }.count
            rest = rest.dropFirst(count)
            guard count >= 3, pass(">") else { throw .rule }
        } else {
            let count = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }.count
            rest = rest.dropFirst(count)
            guard count >= 3 else { throw .rule }
        }
    }

    /// `-1`, `5:30`, `+12:45:00`, in seconds.
    mutating func duration(hoursMax: Int64) throws(ZoneFault) -> Int64 {
        let sign: Int64 = pass("-") ? -1 : 1
        if sign == 1 { _ = pass("+") }
        var seconds = try number(0...hoursMax) * 3600
        if pass(":") { seconds += try number(0...59) * 60 }
        if pass(":") { seconds += try number(0...59) }
        return sign * seconds
    }

    /// `,M3.5.0/2`, `,J60`, `,0/0`.
    mutating func turn() throws(ZoneFault) -> YearlyTurn {
        guard pass(",") else { throw .rule }
        let day: YearlyTurn.Day
        if pass("M") {
            let month = try number(1...12)
            guard pass(".") else { throw .rule }
            let week = try number(1...5)
            guard pass(".") else { throw .rule }
            day = .weekday(month: month, week: week, try number(0...6))
        } else if pass("J") {
            day = .julian(try number(1...365))
        } else {
            day = .ofYear(try number(0...365))
        }
        return YearlyTurn(day: day, secondOfDay: pass("/") ? try duration(hoursMax: 167) : 2 * 3600)
    }

    private mutating func number(_ range: ClosedRange<Int64>) throws(ZoneFault) -> Int64 {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...3).contains(digits.count), let number = Int64(String(Substring(digits))), range.contains(number)
        else { throw .rule }
        rest = rest.dropFirst(digits.count)
        return number
    }

    private mutating func pass(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
