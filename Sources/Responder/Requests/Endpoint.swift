import Credentials
import EventLoop
import FastCGI
import ForwardProtocol
import JSON
import Logging
import Records

/// The endpoint for conversions and exposures: what a request must be like, in the order in which that is checked,
/// cheapest first.
struct Endpoint: Sendable {
    /// What is known of a request that came to one of the doors.
    private struct Call {
        let named: SiteName
        let site: Site?
        let door: Door?
        /// What it is about, once that is read.
        var event: Event?

        init(_ parameters: Parameters, sites: SiteDirectory) {
            named = SiteName(parameters)
            site = sites[named.text]
            door = Door(path: Self.path(parameters))
        }

        static func path(_ parameters: Parameters) -> String {
            parameters.text("DOCUMENT_URI") ?? parameters.text("SCRIPT_NAME") ?? ""
        }
    }

    let sites: SiteDirectory
    let subjectKey: SubjectKey
    /// Makes a record durable.
    let forward: @Sendable (Record) async -> ForwardingFate
    /// Counts an answer.
    let count: @Sendable (TallyEntry.Kind) -> Void
    let notices: Notices

    /// Answers one request.
    func respond(to request: Request) async -> Response {
        var call = Call(request.parameters, sites: sites)
        let answer = await answer(request, &call)
        count(
            answer.tallyKind(site: call.site == nil ? "-" : call.named.text, door: call.door, event: call.event))
        var response = answer.response()
        CrossOrigin.addHeaders(to: &response, site: call.site, parameters: request.parameters)
        return response
    }

    private func answer(_ request: Request, _ call: inout Call) async -> Answer {
        do throws(Refusal) {
            return try await admit(request, &call)
        } catch {
            return .refused(error)
        }
    }

    private func admit(_ request: Request, _ call: inout Call) async throws(Refusal) -> Answer {
        let arrival = WallClock.nowMilliseconds()
        let parameters = request.parameters
        guard let door = call.door else { throw .noSuchPath(Call.path(parameters)) }
        guard let site = call.site else {
            notices.siteUnknown(call.named, known: sites.names)
            throw .noSuchSite
        }
        guard parameters.byteCount <= Limits.parameterBytesMax else { throw .parametersTooLarge }
        let method = try Method(parameters)
        guard site.hasAnalytics else { throw .analyticsOff }
        try site.origins.check(parameters)
        if method == .options { return .preflight }
        if let exclusion = Exclusion(parameters.text("RULE_OUTCOMES_EXCLUDE")) { return .excluded(exclusion) }
        try checkContentType(parameters)
        let event = try Event(json: try bytes(of: request.body), isConversion: door == .conversions)
        call.event = event
        let trackingID = try TrackingID(cookies: CookieHeader(parameters.all("HTTP_COOKIE")), for: event)
        try site.checkCredentials(parameters, nowMilliseconds: arrival, notices: notices)
        let record = Record(
            id: recordID(parameters), timeMilliseconds: arrival,
            subject: subjectKey.subject(site: call.named.text, trackingID: trackingID), site: call.named.text,
            event: event)
        if let refusal = Refusal.notForwarded(await forward(record)) { throw refusal }
        return .recorded
    }

    private static let contentTypes: [StaticString] = ["application/json", "text/plain"]

    /// `text/plain` is what `navigator.sendBeacon` sends for a string.
    private func checkContentType(_ parameters: Parameters) throws(Refusal) {
        guard let value = parameters.last("CONTENT_TYPE"), !value.isEmpty else { throw .contentTypeMissing }
        let type = value.prefix { $0 != UInt8(ascii: ";") }.trimmingSpaces
        guard Self.contentTypes.contains(where: type.equalsIgnoringCase) else { throw .contentTypeOther }
    }

    private func bytes(of body: Request.Body) throws(Refusal) -> [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .tooLarge: throw .bodyTooLarge
        case .otherLength(let bytes, let announced): throw .bodyCut(bytes: bytes, announced: announced)
        }
    }

    private func recordID(_ parameters: Parameters) -> RecordID {
        if let id = parameters.text("REQUEST_ID").flatMap(RecordID.init(hex:)) { return id }
        notices.requestIDMissing()
        return .random()
    }
}
