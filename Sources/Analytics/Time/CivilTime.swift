/// What calendar and clock show at a moment, by the Gregorian calendar for all time.
///
/// Source of the arithmetic: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
public struct CivilTime: Sendable, Equatable {
    public let year: Int64
    public let month: Int64
    public let day: Int64
    let secondOfDay: Int64

    static let secondsPerDay: Int64 = 86_400
    private static let daysPerEra: Int64 = 146_097
    /// RFC 3339 has four digits for the year. A time beyond these years, which only a broken clock tells, is shown as the
    /// nearest.
    private static let shown: ClosedRange<Int64> = -2_208_988_800...253_402_300_799

    /// - Parameter seconds: since 1970, by the clock that is to be shown. A time before 1900 or after 9999 is the nearest
    ///   within.
    public init(seconds: Int64) {
        let seconds = min(max(seconds, Self.shown.lowerBound), Self.shown.upperBound)
        (year, month, day) = Self.date(ofDay: seconds.floored(by: Self.secondsPerDay))
        secondOfDay = seconds.remainder(by: Self.secondsPerDay)
    }

    /// `2026-11-01`.
    public var dateText: String {
        let year = String(10_000 + year).dropFirst()
        return "\(year)-\(Self.twoDigits(month))-\(Self.twoDigits(day))"
    }

    /// `2026-11-01T09:15:00`.
    var text: String {
        let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60]
        return "\(dateText)T\(clock.map(Self.twoDigits).joined(separator: ":"))"
    }

    /// `09:15`.
    public var minuteText: String {
        [secondOfDay / 3600, secondOfDay / 60 % 60].map(Self.twoDigits).joined(separator: ":")
    }

    static func twoDigits(_ number: Int64) -> Substring {
        String(100 + number).dropFirst()
    }

    /// The number of a date's day since 1970; nil for a date that the calendar lacks.
    static func day(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard (1...12).contains(month) else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.floored(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let yearOfEra = shifted - era * 400
        let number = era * daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return date(ofDay: number) == (year, month, day) ? number : nil
    }

    static func date(ofDay number: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = number + 719_468
        let era = shifted.floored(by: daysPerEra)
        let dayOfEra = shifted - era * daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension CivilTime {
    /// The number of a date's day since 1970, `2026-11-01`; nil for anything else.
    static func day(_ text: some StringProtocol) -> Int64? {
        let parts = numbers(text, separator: "-", digits: [4, 2, 2])
        return parts.flatMap { day(year: $0[0], month: $0[1], day: $0[2]) }
    }

    /// The milliseconds since 1970, UTC, of a moment as RFC 3339 writes it; nil for anything else. Of a finer time, the
    /// millisecond that it lies in.
    ///
    /// In addresses + stands for a space, so that a space where only + can be is one that was not encoded.
    public static func milliseconds(_ text: String) -> Int64? {
        let (date, rest) = (text.prefix(10), text.dropFirst(10))
        guard let day = day(date), rest.first == "T",
            let clock = numbers(rest.dropFirst().prefix(8), separator: ":", digits: [2, 2, 2]),
            clock[0] < 24, clock[1] < 60, clock[2] < 60
        else { return nil }
        var tail = rest.dropFirst(9)
        var milliseconds: Int64 = 0
        if tail.first == "." {
            let digits = tail.dropFirst().prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, let fraction = Int64((digits + "00").prefix(3)) else { return nil }
            (milliseconds, tail) = (fraction, tail.dropFirst(1 + digits.count))
        }
        guard let offset = offsetSeconds(tail) else { return nil }
        let seconds = day * secondsPerDay + clock[0] * 3600 + clock[1] * 60 + clock[2] - offset
        return seconds * 1000 + milliseconds
    }

    /// `Z`, `+01:00`.
    private static func offsetSeconds(_ text: Substring) -> Int64? {
        if text == "Z" { return 0 }
        guard let sign = text.first, "+- ".contains(sign),
            let parts = numbers(text.dropFirst(), separator: ":", digits: [2, 2]), parts[0] < 24, parts[1] < 60
        else { return nil }
        return (sign == "-" ? -1 : 1) * (parts[0] * 3600 + parts[1] * 60)
    }

    /// Numbers of so many digits each; nil for anything else.
    private static func numbers(
        _ text: some StringProtocol, separator: Character, digits: [Int]
    ) -> [Int64]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == digits else { return nil }
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(part) : nil
        }
        return numbers.count == digits.count ? numbers : nil
    }
}

extension Int64 {
    /// The quotient, rounded down.
    func floored(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// What is left then, never negative.
    func remainder(by divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}

/// A moment in UTC, written as RFC 3339 has it with milliseconds: `2026-11-23T09:30:00.125Z`.
public struct Timestamp: Codable, Sendable, Equatable {
    public let text: String

    /// `milliseconds` since 1970, UTC, from 1900 to 9999; a moment beyond is the nearest.
    public init(milliseconds: Int64) {
        let milliseconds = min(max(milliseconds, Self.writable.lowerBound), Self.writable.upperBound)
        let digits = String(1000 + milliseconds.remainder(by: 1000)).dropFirst()
        text = "\(CivilTime(seconds: milliseconds.floored(by: 1000)).text).\(digits)Z"
    }

    private static let writable = -2_208_988_800_000...253_402_300_799_999 as ClosedRange<Int64>

    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
