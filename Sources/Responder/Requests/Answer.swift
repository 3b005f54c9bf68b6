import ConfigurationFile
import Credentials
import FastCGI
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

/// What a request would have recorded, told to whoever tries the endpoint out with `X-Rule-Outcomes-Dry-Run: 1`.
///
/// It holds neither the tracking id nor any credential.
struct DryRun: Sendable, Equatable {
    let site: String
    let events: [Event]
    /// What let the request in; nil where nothing had to.
    private(set) var credential: CredentialScheme?
    /// What is right and yet deserves a word.
    private(set) var notes: [String]

    /// Whether a request asks for it. Whoever writes anything but 0 there wants nothing recorded.
    static func isAsked(_ parameters: borrowing RequestParameters) -> Bool {
        guard let value = parameters.dryRun?.trimmingSpaces else { return false }
        return !value.isEmpty && !value.reads("0")
    }

    /// What it is before its credentials are known to be all right.
    init(_ submission: Submission, at named: SiteDirectory.Entry, _ parameters: borrowing RequestParameters) {
        site = named.name
        events = submission.events
        notes = Self.notes(parameters, named.site) + Self.notes(events)
    }

    /// The same, let in by this credential, or without any.
    func passed(by credential: CredentialScheme?) -> DryRun {
        var dryRun = self
        dryRun.credential = credential
        if credential == nil { dryRun.notes.append("no credential is presented, and none is required here") }
        return dryRun
    }

    private static func notes(_ parameters: borrowing RequestParameters, _ site: Site) -> [String] {
        var notes = site.ignoredCredentials(parameters).map(\.description)
        let cookies = CookieHeader(parameters.cookies).all("blaize_tracking_id")
        if cookies.count > 1 {
            notes.append("the cookie blaize_tracking_id came \(cookies.count) times, of which the first counts")
        }
        if parameters.requestID.flatMap(RecordID.init(hex:)) == nil {
            notes.append("nginx hands down no REQUEST_ID, so that a retry of its would be a second event")
        }
        return notes
    }

    private static func notes(_ events: [Event]) -> [String] {
        var notes: [String] = []
        for (field, mistake) in events.flatMap(\.mistakes) {
            let note =
                "\(field.rawValue) is evidently a mistake, and would be counted all the same: \(mistake.explanation)"
            if !notes.contains(note) { notes.append(note) }
        }
        let repeatedCount = events.count - Set(events).count
        if repeatedCount > 0 {
            notes.append(
                "of these, \(repeatedCount) came before in the same array: each is an event, and the visitor counts once"
            )
        }
        return notes
    }

    func response() -> Response {
        var response = Response(status: 200, reasonPhrase: "OK", body: json + "\n")
        response.add("Content-Type", "application/json")
        response.add("Content-Length", "\(response.body.utf8.count)")
        response.add("X-Content-Type-Options", "nosniff")
        response.add("Cache-Control", "no-store")
        return response
    }

    private var json: String {
        let records = events.map(Self.json).joined(separator: ",")
        let notes = notes.map(Self.quoted).joined(separator: ",")
        let credential = credential.map { Self.quoted($0.rawValue) } ?? "null"
        return "{\"dryRun\":true,\"recorded\":false,\"site\":\(Self.quoted(site)),\"credential\":\(credential),"
            + "\"wouldRecord\":[\(records)],\"notes\":[\(notes)]}"
    }

    private static func json(_ event: Event) -> String {
        let kind = event.conversionName == nil ? "exposure" : "conversion"
        let conversion = event.conversionName.map { ",\"conversion\":\(quoted($0))" } ?? ""
        return "{\"kind\":\"\(kind)\",\"ruleId\":\(quoted(event.ruleID)),\"outcomeId\":\(quoted(event.outcomeID))"
            + "\(conversion)}"
    }

    /// A string of JSON. Control characters are in no id that was admitted.
    private static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
