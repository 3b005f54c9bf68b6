/// A quarter of an hour, the finest piece of time that counts are kept by. Every time zone's hours and days consist of
/// whole ones.
public struct Quarter: Hashable, Comparable, Sendable {
    public static let milliseconds: Int64 = 15 * 60 * 1000
    /// How many a day of UTC has.
    public static let perDay: Int64 = 96

    /// How many quarters after the start of 1970, UTC.
    public let number: Int64

    public init(_ number: Int64) {
        self.number = number
    }

    /// The one that a moment lies in: milliseconds since 1970, UTC.
    public init(containing milliseconds: Int64) {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: Self.milliseconds)
        number = remainder < 0 ? quotient - 1 : quotient
    }

    /// The first that begins at a moment or after it.
    public init(notBefore milliseconds: Int64) {
        let containing = Quarter(containing: milliseconds)
        self.init(containing.startMilliseconds == milliseconds ? containing.number : containing.number + 1)
    }

    /// Its first millisecond, since 1970, UTC; the nearest that there is, for those at the ends of time.
    public var startMilliseconds: Int64 {
        let (product, overflow) = number.multipliedReportingOverflow(by: Self.milliseconds)
        return overflow ? (number < 0 ? .min : .max) : product
    }

    public static func < (left: Quarter, right: Quarter) -> Bool {
        left.number < right.number
    }
}

extension Range<Quarter> {
    /// From before every event until after every one.
    public static let all = Quarter(containing: .min)..<Quarter(Quarter(containing: .max).number + 1)
}

/// The times around a subject's first exposure in which a conversion is of it.
public enum CountingWindow {
    /// How long before the exposure a conversion may be recorded: the two arrive by different ways.
    public static let leadMilliseconds: Int64 = 30 * 60 * 1000
    public static let dayMilliseconds: Int64 = 24 * 60 * 60 * 1000
    /// The window of a site for which none is declared.
    public static let defaultDays = 7
}
