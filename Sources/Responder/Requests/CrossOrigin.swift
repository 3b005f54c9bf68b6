import FastCGI

/// Which origins' pages may call a site's endpoint, and the headers that let a browser hand them the answer
/// (the Fetch standard's CORS protocol).
///
/// `Host`, scheme and forwarding headers are never consulted: behind a CDN or a TLS terminator what arrives there is not
/// the page's.
enum CrossOrigin: Sendable {
    case any
    case listed(Set<String>)

    /// Refuses a cross-site browser request from an origin that is not listed.
    func check(_ parameters: Parameters) throws(Refusal) {
        let origins = parameters.all("HTTP_ORIGIN")
        if origins.isEmpty {
            guard parameters.text("HTTP_SEC_FETCH_SITE") != "cross-site" else { throw .crossSiteWithoutOrigin }
            return
        }
        for origin in origins where !admits(String(decoding: origin, as: UTF8.self)) {
            throw .originNotListed
        }
    }

    private func admits(_ origin: String) -> Bool {
        switch self {
        case .any: !origin.isEmpty
        case .listed(let origins): origins.contains(origin)
        }
    }

    /// Every answer differs by origin; an answer to an origin that may ask says so, whatever the answer is.
    static func addHeaders(to response: inout Response, site: Site?, parameters: Parameters) {
        response.add("Vary", "Origin")
        guard let site, let origin = parameters.text("HTTP_ORIGIN"), site.origins.admits(origin) else { return }
        response.add("Access-Control-Allow-Origin", origin)
        response.add("Access-Control-Allow-Credentials", "true")
        response.add("Access-Control-Allow-Methods", "POST")
        response.add(
            "Access-Control-Allow-Headers", "Content-Type, Authorization, X-Blaize-Jwt, X-Zephr-Jwt")
    }
}
