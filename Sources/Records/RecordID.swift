/// A record's id: 16 bytes, nginx's `$request_id`, the same across nginx's retries of one request.
public struct RecordID: Hashable, Sendable {
    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }

    /// The same of a text.
    public init?(hex: String) {
        self.init(hex: hex.utf8)
    }

    /// Reads the 32 hexadecimal digits that nginx's `$request_id` consists of; nil when `hex` is anything else.
    @inlinable
    public init?(hex: some Collection<UInt8>) {
        guard hex.count == 32 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for byte in hex {
            guard let digit = Self.hexDigit(byte) else { return nil }
            halves = (halves.high << 4 | halves.low >> 60, halves.low << 4 | UInt64(digit))
        }
        value = UInt128(halves.high) << 64 | UInt128(halves.low)
    }

    /// An id of our own making, for a request that came without one.
    public static func random() -> RecordID {
        RecordID(UInt128.random(in: .min ... .max))
    }

    @inlinable
    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
