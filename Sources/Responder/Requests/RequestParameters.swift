import FastCGI
import Glibc

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
    var visitorsAddress: [UInt8] {
        guard let remoteAddress else { return [] }
        var address = in6_addr()
        guard inet_pton(AF_INET6, remoteAddress.text, &address) == 1 else { return Array(remoteAddress) }
        return withUnsafeBytes(of: &address) { Array($0.prefix(8)) }
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
