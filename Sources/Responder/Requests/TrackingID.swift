import Records

/// The value of the cookie `blaize_tracking_id`, opaque. It goes into a subject and nowhere else.
struct TrackingID {
    let bytes: ArraySlice<UInt8>

    init(cookies: CookieHeader, for conversion: Conversion) throws(Refusal) {
        guard let value = cookies.first("blaize_tracking_id"), !value.isEmpty else {
            throw .trackingIDMissing(conversion)
        }
        guard value.count <= Limits.trackingIDBytesMax else { throw .trackingIDTooLong }
        guard value.allSatisfy(Self.isCookieOctet) else { throw .trackingIDNoCookie }
        bytes = value
    }

    /// RFC 6265, section 4.1.1.
    private static func isCookieOctet(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}
