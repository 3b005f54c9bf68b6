import FastCGI
import ForwardProtocol
import Records

/// What the endpoint decided on a request.
enum Answer: Sendable, Equatable {
    /// The record is durable.
    case recorded
    /// A preflight from an origin that may ask.
    case preflight
    /// nginx excluded the request, for that reason.
    case excluded(Exclusion)
    case refused(Refusal)

    /// - Parameter event: what the request was about, where that was read.
    func tallyKind(site: String, door: Door?, event: Event?) -> TallyEntry.Kind {
        let (status, reason) = statusAndReason
        let outcome = event.map { TallyEntry.Outcome(ruleID: $0.ruleID, outcomeID: $0.outcomeID) }
        return TallyEntry.Kind(site: site, door: door, status: status, reason: reason, outcome: outcome)
    }

    private var statusAndReason: (UInt16, String) {
        switch self {
        case .recorded: (201, "durable")
        case .preflight: (204, "preflight")
        case .excluded(let exclusion): (204, exclusion.tallyReason)
        case .refused(let refusal): (UInt16(refusal.status), refusal.reason)
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
