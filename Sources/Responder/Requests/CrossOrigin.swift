import FastCGI
import Records

/// An origin whose pages may call, with what is answered to it most.
final class AdmittedOrigin: Sendable {
    let text: String
    /// The answer to a request of its that is recorded.
    let recorded: EncodedResponse

    init(_ text: String) {
        self.text = text
        var response = Answer.recorded.response()
        CrossOrigin.addHeaders(to: &response, for: text)
        recorded = response.encoded()
    }

    func isSpelt(_ bytes: Bytes) -> Bool {
        bytes.reads(text)
    }
}

/// Which origins' pages may call a site's endpoint, and the headers that let a browser hand them the answer
/// (the Fetch standard's CORS protocol).
///
/// `Host`, scheme and forwarding headers are never consulted: behind a CDN or a TLS terminator what arrives there is not
/// the page's.
enum CrossOrigin: Sendable {
    case any
    case listed([AdmittedOrigin])

    /// The answer to a request that is recorded and came from no origin.
    static let recordedWithoutOrigin: EncodedResponse = {
        var response = Answer.recorded.response()
        addHeaders(to: &response, for: nil)
        return response.encoded()
    }()

    private static let requestHeaders = "Content-Type, Authorization, X-Blaize-Jwt, X-Zephr-Jwt"
    private static let requestHeaderNames: [StaticString] = [
        "content-type", "authorization", "x-blaize-jwt", "x-zephr-jwt",
    ]
    /// What a preflight may ask for besides; an answer has to fit nginx's buffer for headers.
    private static let furtherHeadersMax = 32
    private static let headerNameBytesMax = 64
    private static let requestHeaderBytesMax = 1024
    /// How long a browser may keep the answer to a preflight. Chromium keeps none for longer.
    private static let preflightSeconds = 7200

    /// Refuses a cross-site browser request from an origin that is not listed.
    func check(_ parameters: borrowing RequestParameters) throws(Refusal) {
        guard !parameters.origins.isEmpty else {
            guard parameters.fetchSites.last?.reads("cross-site") != true else { throw .crossSiteWithoutOrigin }
            return
        }
        for origin in parameters.origins where admitted(origin) == nil && !Self.isHidden(origin, parameters) {
            throw Self.isOrigin(origin) ? .originNotListed : .originIsNone
        }
    }

    /// nil where its pages may not call.
    func admitted(_ origin: Bytes) -> AdmittedOrigin? {
        switch self {
        case .any: Self.isOrigin(origin) ? AdmittedOrigin(origin.text) : nil
        case .listed(let origins): origins.first { $0.isSpelt(origin) }
        }
    }

    /// Whether it is the page's own origin that is not told: Firefox says `null` for a beacon of a page that sends no
    /// referrer. A sandboxed frame says `null` too, and its requests are cross-site. No page can write either header.
    private static func isHidden(_ origin: Bytes, _ parameters: borrowing RequestParameters) -> Bool {
        origin.reads("null") && !parameters.fetchSites.isEmpty
            && parameters.fetchSites.allSatisfy { $0.reads("same-origin") }
    }

    /// Whether it may be an origin as browsers send it, which is echoed where every one may call.
    private static func isOrigin(_ bytes: Bytes) -> Bool {
        !bytes.isEmpty && bytes.count <= Limits.originBytesMax && bytes.allSatisfy(isOriginByte)
    }

    /// Visible ASCII, less what stands around or between origins and what no host's name has (the URL standard).
    private static func isOriginByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"\"#,;<>?@\\^`{|}".utf8.contains(byte)
    }

    /// An answer to an origin that may ask says so, whatever the answer is; every answer differs by origin.
    ///
    /// - Parameters:
    ///   - origin: one that may call; nil where there is none.
    ///   - allowedHeaders: what a preflight may be told that requests may have; nil where it is none.
    static func addHeaders(to response: inout Response, for origin: String?, allowedHeaders: String? = nil) {
        guard let origin else { return response.add("Vary", "Origin") }
        response.add("Vary", allowedHeaders == nil ? "Origin" : "Origin, Access-Control-Request-Headers")
        response.add("Access-Control-Allow-Origin", origin)
        response.add("Access-Control-Allow-Credentials", "true")
        response.add("Access-Control-Expose-Headers", "Retry-After, X-Rule-Outcomes-Excluded")
        guard let allowedHeaders else { return }
        response.add("Access-Control-Allow-Methods", "POST")
        response.add("Access-Control-Allow-Headers", allowedHeaders)
        response.add("Access-Control-Max-Age", "\(preflightSeconds)")
    }

    /// The headers that are read here, and those that the preflight asks for: tracing tools add some to every request of a
    /// page, and nobody here reads them.
    static func allowedHeaders(_ parameters: borrowing RequestParameters) -> String {
        var headers = requestHeaders
        var count = 0
        for list in parameters.requestedHeaders {
            for name in list.split(separator: UInt8(ascii: ",")).lazy.map(\.trimmingSpaces) where isFurther(name) {
                guard count < furtherHeadersMax, headers.utf8.count + 2 + name.count <= requestHeaderBytesMax else {
                    return headers
                }
                headers += ", " + name.text
                count += 1
            }
        }
        return headers
    }

    /// Whether it is a header's name, and not one that is allowed anyway.
    private static func isFurther(_ name: Bytes) -> Bool {
        !name.isEmpty && name.count <= headerNameBytesMax && name.allSatisfy(\.isTokenByte)
            && !requestHeaderNames.contains(where: name.equalsIgnoringCase)
    }
}
