import FastCGI
import ForwardProtocol
import Records

/// What the endpoint decided on a request.
enum Answer: Sendable, Equatable {
    /// The record is durable.
    case recorded
    /// All is right, and nothing was to be recorded.
    case tried(DryRun)
    /// A preflight, and the headers that a request may have.
    case preflight(allowedHeaders: String)
    /// nginx excluded the request, for that reason.
    case excluded(Exclusion)
    case refused(Refusal)

    /// What became of a record.
    init(_ fate: ForwardingFate) {
        self = Refusal.notForwarded(fate).map { .refused($0) } ?? .recorded
    }

    /// A dry run is one whatever it is answered, and of no outcome: nobody was refused anything, and nothing that goes by
    /// statuses or outcomes is to be moved by it.
    ///
    /// - Parameter event: what the request was about, where that was read.
    func tallyKind(site: String, door: Door?, event: Event?, isDryRun: Bool) -> TallyEntry.Kind {
        let (status, reason) = statusAndReason
        if isDryRun {
            return TallyEntry.Kind(site: site, door: door, status: 200, reason: dryRunReason(reason))
        }
        let outcome = event.map { TallyEntry.Outcome(ruleID: $0.ruleID, outcomeID: $0.outcomeID) }
        return TallyEntry.Kind(site: site, door: door, status: status, reason: reason, outcome: outcome)
    }

    private var statusAndReason: (UInt16, String) {
        switch self {
        case .recorded: (201, "durable")
        case .tried: (200, "")
        case .preflight: (204, "preflight")
        case .excluded(let exclusion): (204, exclusion.tallyReason)
        case .refused(let refusal): (UInt16(refusal.status), refusal.reason)
        }
    }

    private func dryRunReason(_ reason: String) -> String {
        switch self {
        case .tried: "dry-run"
        // nginx's reason may be as long as a reason may be.
        case .excluded: "dry-run:excluded"
        default: "dry-run:" + reason
        }
    }

    func response() -> Response {
        switch self {
        case .tried(let dryRun):
            return dryRun.response()
        case .recorded:
            var response = Response(status: 201, reasonPhrase: "Created")
            response.add("Content-Length", "0")
            response.add("Cache-Control", "no-store")
            return response
        case .preflight:
            return Self.nothing()
        case .excluded(let exclusion):
            var response = Self.nothing()
            response.add("X-Rule-Outcomes-Excluded", exclusion.reason)
            return response
        case .refused(let refusal):
            return refusal.response()
        }
    }

    private static func nothing() -> Response {
        var response = Response(status: 204, reasonPhrase: "No Content")
        response.add("Cache-Control", "no-store")
        return response
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
