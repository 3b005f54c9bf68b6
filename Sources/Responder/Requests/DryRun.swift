import ConfigurationFile
import Credentials
import FastCGI
import Records

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
    init(_ submission: Submission, site name: String, of site: Site, _ parameters: borrowing RequestParameters) {
        self.site = name
        events = submission.events
        notes = Self.notes(parameters, site) + Self.notes(submission.events)
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
