/// The pseudonym of a visitor: the first 16 bytes of HMAC-SHA-256, under a secret of the installation, over site and
/// tracking id. The tracking id itself never leaves the responder.
///
/// Pseudonyms are personal data still, so a subject has no description and belongs in no log.
public struct Subject: Hashable, Comparable, Sendable {
    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }

    public static func < (left: Subject, right: Subject) -> Bool {
        left.value < right.value
    }
}

/// Which secret subjects are made under: 16 bytes that depend on it alone and tell nothing of it.
///
/// Under a new secret every visitor is a new subject, so what is counted before and after does not add up.
public struct SubjectEpoch: Hashable, Sendable {
    /// Of whoever brings no subjects, and names none.
    public static let none = SubjectEpoch(0)

    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }
}

/// The value of the cookie `blaize_tracking_id`, opaque. It goes into a subject and nowhere else.
public struct TrackingID: Sendable {
    /// Why a value is no tracking id.
    public enum Fault: Error, Sendable {
        case empty
        /// Over `Limits.trackingIDBytesMax`.
        case tooLong
        /// It holds a byte that no cookie may hold.
        case noCookie
    }

    public let bytes: ArraySlice<UInt8>

    public init(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Limits.trackingIDBytesMax else { throw .tooLong }
        guard bytes.allSatisfy(Self.isCookieOctet) else { throw .noCookie }
        self.bytes = bytes
    }

    /// Reads the value of a cookie as a header or nginx's log has it: of one in quotes, what stands between them
    /// (RFC 6265, section 4.1.1). A quote is part of no tracking id, so nothing else can be meant.
    public init(cookieValue value: ArraySlice<UInt8>) throws(Fault) {
        let quote = UInt8(ascii: "\"")
        let isQuoted = value.count >= 2 && value.first == quote && value.last == quote
        try self.init(isQuoted ? value.dropFirst().dropLast() : value)
    }

    /// RFC 6265, section 4.1.1.
    private static func isCookieOctet(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}
