import FoundationEssentials

/// A moment in UTC, written as RFC 3339 has it with milliseconds: `2026-11-23T09:30:00.125Z`.
public struct Timestamp: Codable, Sendable, Equatable {
    public let text: String

    /// `milliseconds` since 1970, UTC.
    public init(milliseconds: Int64) {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        text = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
