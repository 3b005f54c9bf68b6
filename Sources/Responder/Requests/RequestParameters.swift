import FastCGI
import Glibc
import Records

/// The parameters that decide what becomes of a request, found in one walk. Of one that nginx sets itself the last value
/// counts; a header may have come several times.
///
/// It is a kilobyte that is handed from check to check, so it cannot be copied.
struct RequestParameters: ~Copyable {
    /// Every value of a header, in order. Most headers come once, which needs no array.
    struct Values: RandomAccessCollection {
        private(set) var first: Bytes?
        private var others: [Bytes] = []

        var startIndex: Int { 0 }
        var endIndex: Int { first == nil ? 0 : 1 + others.count }
        var last: Bytes? { others.last ?? first }

        subscript(position: Int) -> Bytes {
            if position == 0, let first { first } else { others[position - 1] }
        }

        fileprivate mutating func append(_ value: Bytes) {
            if first == nil { first = value } else { others.append(value) }
        }
    }

    private(set) var site: Bytes?
    private(set) var requestID: Bytes?
    private(set) var method: Bytes?
    private(set) var documentURI: Bytes?
    private(set) var scriptName: Bytes?
    private(set) var contentType: Bytes?
    private(set) var exclude: Bytes?
    private(set) var trackingCookie: Bytes?
    private(set) var sessionAnswer: Bytes?
    private(set) var dryRun: Bytes?
    private(set) var remoteAddress: Bytes?

    private(set) var origins = Values()
    private(set) var fetchSites = Values()
    private(set) var cookies = Values()
    private(set) var authorizations = Values()
    private(set) var zephrTokens = Values()
    private(set) var blaizeTokens = Values()
    private(set) var contentEncodings = Values()
    private(set) var requestedHeaders = Values()
    private(set) var queryStrings = Values()

    /// How many bytes names and values of all have together.
    private(set) var byteCount = 0

    init(_ parameters: Parameters) {
        parameters.forEach { name, value in
            byteCount += name.count + value.count
            take(name, value[...])
        }
    }

    /// Whose request it is: an IPv4 address as text, and of an IPv6 address the first 64 bits, as one visitor has all the others.
    /// Where nginx listens with `ipv6only=off`, an IPv4 address comes as `::ffff:192.0.2.1`, and is the one that ends it.
    var visitorsAddress: [UInt8] {
        guard let remoteAddress else { return [] }
        var address = in6_addr()
        guard inet_pton(AF_INET6, remoteAddress.text, &address) == 1 else { return Array(remoteAddress) }
        return withUnsafeBytes(of: &address) { bytes in
            guard bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF else {
                return Array(bytes.prefix(8))
            }
            return Array(bytes.suffix(4).map { String($0) }.joined(separator: ".").utf8)
        }
    }

    private mutating func take(_ name: UnsafeRawBufferPointer, _ value: Bytes) {
        switch name.count {
        case 4: if name.reads("SITE") { site = value }
        case 10: if name.reads("REQUEST_ID") { requestID = value }
        case 11:
            if name.reads("HTTP_COOKIE") {
                cookies.append(value)
            } else if name.reads("REMOTE_ADDR") {
                remoteAddress = value
            } else if name.reads("HTTP_ORIGIN") {
                origins.append(value)
            } else if name.reads("SCRIPT_NAME") {
                scriptName = value
            }
        case 12:
            if name.reads("DOCUMENT_URI") {
                documentURI = value
            } else if name.reads("QUERY_STRING") {
                queryStrings.append(value)
            } else if name.reads("CONTENT_TYPE") {
                contentType = value
            }
        case 14:
            if name.reads("REQUEST_METHOD") {
                method = value
            } else if name.reads("SESSION_ANSWER") {
                sessionAnswer = value
            }
        case 15: if name.reads("TRACKING_COOKIE") { trackingCookie = value }
        case 16: if name.reads("HTTP_X_ZEPHR_JWT") { zephrTokens.append(value) }
        case 17: if name.reads("HTTP_X_BLAIZE_JWT") { blaizeTokens.append(value) }
        case 18: if name.reads("HTTP_AUTHORIZATION") { authorizations.append(value) }
        case 19: if name.reads("HTTP_SEC_FETCH_SITE") { fetchSites.append(value) }
        case 21:
            if name.reads("RULE_OUTCOMES_EXCLUDE") {
                exclude = value
            } else if name.reads("HTTP_CONTENT_ENCODING") {
                contentEncodings.append(value)
            }
        case 28: if name.reads("HTTP_X_RULE_OUTCOMES_DRY_RUN") { dryRun = value }
        case 35: if name.reads("HTTP_ACCESS_CONTROL_REQUEST_HEADERS") { requestedHeaders.append(value) }
        default: break
        }
    }
}

/// The methods that the endpoint knows.
enum Method {
    case post
    case options

    init(_ parameters: borrowing RequestParameters) throws(Refusal) {
        switch parameters.method {
        case let method? where method.reads("POST"): self = .post
        case let method? where method.reads("OPTIONS"): self = .options
        case let method: throw .methodNotAllowed(method?.text ?? "")
        }
    }
}

extension Door {
    /// The door that a request came to; nil where there is none.
    init?(path: Bytes) {
        if path.reads(Self.conversionsPath) {
            self = .conversions
        } else if path.reads(Self.exposuresPath) {
            self = .exposures
        } else {
            return nil
        }
    }

    init?(path: String) {
        switch path {
        case Self.conversionsPath: self = .conversions
        case Self.exposuresPath: self = .exposures
        default: return nil
        }
    }
}

/// nginx's word that something is not to be counted.
struct Exclusion: Sendable, Equatable {
    private static let prefix = "excluded:"

    /// Why, in nginx's words, as far as they are short and without control characters.
    let reason: String
    /// The same as the tally has it: short, without control characters, and apart from every other reason.
    let tallyReason: String

    /// `given` is nginx's reason; nil or empty excludes nothing.
    init?(_ given: String?) {
        guard let given, !given.isEmpty else { return nil }
        reason = given.escaped(charactersMax: 32)
        let tallied = Self.prefix + reason
        tallyReason = tallied.utf8.count <= TallyEntry.reasonBytesMax ? tallied : Self.prefix + "other"
    }
}

/// Bytes of a request, where they lie. They go with the request: what is to last longer is copied.
typealias Bytes = Slice<UnsafeRawBufferPointer>

/// What headers are compared and cut by, without a detour over strings.
extension BidirectionalCollection<UInt8> where SubSequence == Self {
    /// Without the spaces and tabs around it.
    var trimmingSpaces: Self {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let last = lastIndex(where: { !isSpace($0) }) else { return self[startIndex..<startIndex] }
        return self[...last].drop(while: isSpace)
    }

    /// Whether it reads `text`, which is in lower case, in any mixture of cases.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        var expected = text.utf8Start
        for byte in self {
            guard byte.asciiLowercased == expected.pointee else { return false }
            expected += 1
        }
        return true
    }
}

extension Bytes {
    /// As text; what is not UTF-8 is replaced.
    var text: String { String(decoding: UnsafeRawBufferPointer(rebasing: self), as: UTF8.self) }

    /// What stands before the first such byte; all of it where there is none. A browser's cookies are kilobytes.
    func before(_ byte: UInt8) -> Bytes {
        let bytes = UnsafeRawBufferPointer(rebasing: self)
        guard let start = bytes.baseAddress, let found = memchr(start, Int32(byte), bytes.count) else { return self }
        return self[..<(startIndex + (UnsafeRawPointer(found) - start))]
    }

    func reads(_ text: StaticString) -> Bool {
        UnsafeRawBufferPointer(rebasing: self).reads(text)
    }

    func reads(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { UnsafeRawBufferPointer(rebasing: self).hasBytes(of: UnsafeRawBufferPointer($0)) }
    }
}

extension UInt8 {
    /// Whether a header's name may have it (RFC 9110, section 5.6.2).
    var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "^")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.|~".utf8.contains(self)
        }
    }

    var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
