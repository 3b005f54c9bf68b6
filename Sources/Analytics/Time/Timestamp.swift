import FoundationEssentials

/// A moment in UTC, written as RFC 3339 has it with milliseconds: `2026-11-23T09:30:00.125Z`.
public struct Timestamp: Codable, Sendable, Equatable {
    public let text: String

    /// RFC 3339 has four digits for the year. A moment beyond these, which only a broken clock tells, is the nearest.
    private static let writable = -2_208_988_800_000...253_402_300_799_999 as ClosedRange<Int64>

    /// `milliseconds` since 1970, UTC, from 1900 to 9999.
    public init(milliseconds: Int64) {
        let milliseconds = min(max(milliseconds, Self.writable.lowerBound), Self.writable.upperBound)
        // A Date counts seconds in floating point, and half of all milliseconds come back from it as the one before. So
        // it is given whole seconds only.
        let rest = (milliseconds % 1000 + 1000) % 1000
        let date = Date(timeIntervalSince1970: Double((milliseconds - rest) / 1000))
        let digits = String(1000 + rest).dropFirst()
        text = date.formatted(.iso8601).dropLast() + ".\(digits)Z"
    }

    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
