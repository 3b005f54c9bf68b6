import FastCGI
import Records

/// Which origins' pages may call a site's endpoint, and the headers that let a browser hand them the answer
/// (the Fetch standard's CORS protocol).
///
/// `Host`, scheme and forwarding headers are never consulted: behind a CDN or a TLS terminator what arrives there is not
/// the page's.
enum CrossOrigin: Sendable {
    case any
    case listed(Set<String>)

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
    func check(_ parameters: Parameters) throws(Refusal) {
        let origins = parameters.all("HTTP_ORIGIN")
        if origins.isEmpty {
            guard parameters.text("HTTP_SEC_FETCH_SITE") != "cross-site" else { throw .crossSiteWithoutOrigin }
            return
        }
        for origin in origins where !admits(origin) && !Self.isHidden(origin, parameters) {
            throw Self.isOrigin(origin) ? .originNotListed : .originIsNone
        }
    }

    private func admits(_ origin: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .any: Self.isOrigin(origin)
        case .listed(let origins): origins.contains(String(decoding: origin, as: UTF8.self))
        }
    }

    /// Whether it is the page's own origin that is not told: Firefox says `null` for a beacon of a page that sends no
    /// referrer. A sandboxed frame says `null` too, and its requests are cross-site. No page can write either header.
    private static func isHidden(_ origin: ArraySlice<UInt8>, _ parameters: Parameters) -> Bool {
        let sites = parameters.all("HTTP_SEC_FETCH_SITE")
        return origin.elementsEqual("null".utf8) && !sites.isEmpty
            && sites.allSatisfy { $0.elementsEqual("same-origin".utf8) }
    }

    /// Whether it may be an origin as browsers send it, which is echoed where every one may call.
    private static func isOrigin(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.count <= Limits.originBytesMax && bytes.allSatisfy(isOriginByte)
    }

    /// Visible ASCII, less what stands around or between origins and what no host's name has (the URL standard).
    private static func isOriginByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"\"#,;<>?@\\^`{|}".utf8.contains(byte)
    }

    /// An answer to an origin that may ask says so, whatever the answer is; every answer differs by origin.
    static func addHeaders(to response: inout Response, of answer: Answer, site: Site?, parameters: Parameters) {
        guard let site, let origin = parameters.last("HTTP_ORIGIN"), site.origins.admits(origin) else {
            return response.add("Vary", "Origin")
        }
        let isPreflight = if case .preflight = answer { true } else { false }
        response.add("Vary", isPreflight ? "Origin, Access-Control-Request-Headers" : "Origin")
        response.add("Access-Control-Allow-Origin", String(decoding: origin, as: UTF8.self))
        response.add("Access-Control-Allow-Credentials", "true")
        response.add("Access-Control-Expose-Headers", "Retry-After, X-Rule-Outcomes-Excluded")
        guard isPreflight else { return }
        response.add("Access-Control-Allow-Methods", "POST")
        response.add("Access-Control-Allow-Headers", allowedHeaders(parameters))
        response.add("Access-Control-Max-Age", "\(preflightSeconds)")
    }

    /// The headers that are read here, and those that the preflight asks for: tracing tools add some to every request of a
    /// page, and nobody here reads them.
    private static func allowedHeaders(_ parameters: Parameters) -> String {
        var headers = requestHeaders
        var count = 0
        for list in parameters.all("HTTP_ACCESS_CONTROL_REQUEST_HEADERS") {
            for name in list.split(separator: UInt8(ascii: ",")).lazy.map(\.trimmingSpaces) where isFurther(name) {
                guard count < furtherHeadersMax, headers.utf8.count + 2 + name.count <= requestHeaderBytesMax else {
                    return headers
                }
                headers += ", " + String(decoding: name, as: UTF8.self)
                count += 1
            }
        }
        return headers
    }

    /// Whether it is a header's name, and not one that is allowed anyway.
    private static func isFurther(_ name: ArraySlice<UInt8>) -> Bool {
        !name.isEmpty && name.count <= headerNameBytesMax && name.allSatisfy(\.isTokenByte)
            && !requestHeaderNames.contains(where: name.equalsIgnoringCase)
    }
}
