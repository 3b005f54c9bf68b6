import Credentials
import EventLoop
import FastCGI
import ForwardProtocol
import JSON
import Logging
import Records

/// The conversion endpoint: what a request must be like, in the order in which that is checked, cheapest first.
struct Endpoint: Sendable {
    static let path = "/zephr/public/rule-outcomes/v1/conversions"

    let sites: SiteDirectory
    let subjectKey: SubjectKey
    /// Makes a record durable.
    let forward: @Sendable (Record) async -> ForwardingFate
    /// Counts an answer.
    let count: @Sendable (TallyEntry.Kind) -> Void
    let notices: Notices

    /// Answers one request.
    func respond(to request: Request) async -> Response {
        let named = SiteName(request.parameters)
        let site = sites[named.text]
        let answer = await answer(request, named, site)
        count(answer.tallyKind(site: site == nil ? "-" : named.text))
        var response = answer.response()
        CrossOrigin.addHeaders(to: &response, site: site, parameters: request.parameters)
        return response
    }

    private func answer(_ request: Request, _ named: SiteName, _ site: Site?) async -> Answer {
        do throws(Refusal) {
            return try await admit(request, named, site)
        } catch {
            return .refused(error)
        }
    }

    private func admit(_ request: Request, _ named: SiteName, _ site: Site?) async throws(Refusal) -> Answer {
        let arrival = WallClock.nowMilliseconds()
        let parameters = request.parameters
        try checkPath(parameters)
        guard let site else {
            notices.siteUnknown(named, known: sites.names)
            throw .noSuchSite
        }
        guard parameters.byteCount <= Limits.parameterBytesMax else { throw .parametersTooLarge }
        let method = try Method(parameters)
        guard site.hasAnalytics else { throw .analyticsOff }
        try site.origins.check(parameters)
        if method == .options { return .preflight }
        if let reason = exclusion(parameters) { return .excluded(reason: reason) }
        try checkContentType(parameters)
        let conversion = try Conversion(json: try bytes(of: request.body))
        let trackingID = try TrackingID(
            cookies: CookieHeader(parameters.all("HTTP_COOKIE")), for: .conversion(conversion))
        try site.checkCredentials(parameters, nowMilliseconds: arrival, notices: notices)
        let record = Record(
            id: recordID(parameters), timeMilliseconds: arrival,
            subject: subjectKey.subject(site: named.text, trackingID: trackingID), site: named.text,
            event: .conversion(conversion))
        if let refusal = Refusal.notForwarded(await forward(record)) { throw refusal }
        return .recorded
    }

    private func checkPath(_ parameters: Parameters) throws(Refusal) {
        let path = parameters.text("DOCUMENT_URI") ?? parameters.text("SCRIPT_NAME") ?? ""
        guard path == Self.path else { throw .noSuchPath(path) }
    }

    /// Why nginx says that the request is not to be counted.
    private func exclusion(_ parameters: Parameters) -> String? {
        guard let reason = parameters.text("RULE_OUTCOMES_EXCLUDE"), !reason.isEmpty else { return nil }
        let escaped = reason.escaped(charactersMax: 32)
        return escaped.utf8.count <= Answer.exclusionBytesMax ? escaped : "other"
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
