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
