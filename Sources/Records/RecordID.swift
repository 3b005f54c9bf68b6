/// A record's id: 16 bytes, nginx's `$request_id`, the same across nginx's retries of one request.
public struct RecordID: Hashable, Sendable {
    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }

    /// Reads the 32 hexadecimal digits that nginx's `$request_id` consists of; nil when `hex` is anything else.
    public init?(hex: String) {
        guard hex.utf8.count == 32, hex.utf8.allSatisfy(Self.isHexDigit), let value = UInt128(hex, radix: 16) else {
            return nil
        }
        self.value = value
    }

    /// An id of our own making, for a request that came without one.
    public static func random() -> RecordID {
        RecordID(UInt128.random(in: .min ... .max))
    }

    /// `UInt128.init(_:radix:)` takes a sign, which is no hexadecimal digit.
    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
