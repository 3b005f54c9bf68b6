import FastCGI
import ForwardProtocol

/// What the endpoint decided on a request.
enum Answer: Sendable, Equatable {
    /// The record is durable.
    case recorded
    /// A preflight from an origin that may ask.
    case preflight
    /// nginx excluded the request, for that reason.
    case excluded(reason: String)
    case refused(Refusal)

    private static let exclusionPrefix = "excluded:"
    /// The longest reason of an exclusion that a tally has room for.
    static let exclusionBytesMax = TallyEntry.reasonBytesMax - exclusionPrefix.utf8.count

    func tallyKind(site: String) -> TallyEntry.Kind {
        switch self {
        case .recorded: TallyEntry.Kind(site: site, status: 201, reason: "durable")
        case .preflight: TallyEntry.Kind(site: site, status: 204, reason: "preflight")
        case .excluded(let reason): TallyEntry.Kind(site: site, status: 204, reason: Self.exclusionPrefix + reason)
        case .refused(let refusal): TallyEntry.Kind(site: site, status: UInt16(refusal.status), reason: refusal.reason)
        }
    }

    func response() -> Response {
        switch self {
        case .recorded:
            var response = Response(status: 201, reasonPhrase: "Created")
            response.add("Content-Length", "0")
            response.add("Cache-Control", "no-store")
            return response
        case .preflight, .excluded:
            var response = Response(status: 204, reasonPhrase: "No Content")
            response.add("Cache-Control", "no-store")
            return response
        case .refused(let refusal):
            return refusal.response()
        }
    }
}

extension Refusal {
    private static let reasonPhrases = [
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        413: "Content Too Large", 415: "Unsupported Media Type", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 503: "Service Unavailable",
    ]

    func response() -> Response {
        var response = Response(
            status: status, reasonPhrase: Self.reasonPhrases[status] ?? "Unknown", body: message + "\n")
        response.add("Content-Type", "text/plain; charset=utf-8")
        response.add("Content-Length", "\(response.body.utf8.count)")
        response.add("X-Content-Type-Options", "nosniff")
        response.add("Cache-Control", "no-store")
        for header in headers { response.add(header.name, header.value) }
        return response
    }
}
