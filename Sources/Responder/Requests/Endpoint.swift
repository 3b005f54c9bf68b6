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
        let isDryRun: Bool
        /// What it asks to record, once that is read.
        var submission: Submission?
        /// What became of each event of an array.
        var fates: [ForwardingFate] = []

        init(_ parameters: Parameters, sites: SiteDirectory) {
            named = SiteName(parameters)
            site = sites[named.text]
            door = Door(path: Self.path(parameters))
            isDryRun = DryRun.isAsked(parameters)
        }

        static func path(_ parameters: Parameters) -> String {
            parameters.text("DOCUMENT_URI") ?? parameters.text("SCRIPT_NAME") ?? ""
        }
    }

    let sites: SiteDirectory
    let subjectKey: SubjectKey
    /// Makes a record durable.
    let forward: @Sendable (Record) async -> ForwardingFate
    /// What a record would hear at once; nil where it would be forwarded.
    let refusal: @Sendable () -> ForwardingFate?
    /// Counts an answer.
    let count: @Sendable (TallyEntry.Kind) -> Void
    let notices: Notices

    /// Answers one request.
    func respond(to request: Request) async -> Response {
        var call = Call(request.parameters, sites: sites)
        let answer = await answer(request, &call)
        tally(answer, call)
        var response = answer.response()
        CrossOrigin.addHeaders(to: &response, of: answer, site: call.site, parameters: request.parameters)
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
        try checkContent(parameters)
        let submission = try Submission(json: try bytes(of: request.body), isConversion: door == .conversions)
        call.submission = submission
        let trackingID = try TrackingID(parameters, for: submission.first)
        let passed = try site.checkCredentials(
            parameters, isConversion: door == .conversions, nowMilliseconds: arrival, notices: notices)
        if call.isDryRun {
            if let refusal = Refusal.notForwarded(refusal()) { throw refusal }
            return .tried(DryRun(submission, site: call.named.text, credential: passed, of: site, parameters))
        }
        let record = Record(
            id: recordID(parameters), timeMilliseconds: arrival,
            subject: subjectKey.subject(site: call.named.text, trackingID: trackingID), site: call.named.text,
            event: submission.first)
        guard submission.isArray else {
            if let refusal = Refusal.notForwarded(await forward(record)) { throw refusal }
            return .recorded
        }
        call.fates = await forward(submission.events, as: record)
        if let refusal = call.fates.lazy.compactMap(Refusal.notForwarded).first { throw refusal }
        return .recorded
    }

    private static let contentTypes: [StaticString] = ["application/json", "text/plain"]

    /// `text/plain` is what `navigator.sendBeacon` sends for a string.
    private func checkContent(_ parameters: Parameters) throws(Refusal) {
        guard let value = parameters.last("CONTENT_TYPE"), !value.isEmpty else { throw .contentTypeMissing }
        let type = value.prefix { $0 != UInt8(ascii: ";") }.trimmingSpaces
        guard Self.contentTypes.contains(where: type.equalsIgnoringCase) else { throw .contentTypeOther }
        for value in parameters.all("HTTP_CONTENT_ENCODING") {
            for encoding in value.split(separator: UInt8(ascii: ",")).map(\.trimmingSpaces) where !encoding.isEmpty {
                guard encoding.equalsIgnoringCase("identity") else {
                    throw .contentEncoded(String(decoding: encoding, as: UTF8.self))
                }
            }
        }
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

    /// Makes records of all `events`, each with an id of its own, and otherwise like `record`. Returns once it is known of
    /// each what became of it, in order.
    private func forward(_ events: [Event], as record: Record) async -> [ForwardingFate] {
        await withTaskGroup(of: (index: Int, fate: ForwardingFate).self) { group in
            for (index, event) in events.enumerated() {
                let record = Record(
                    id: RecordID(request: record.id, index: UInt8(index)), timeMilliseconds: record.timeMilliseconds,
                    subject: record.subject, site: record.site, event: event)
                group.addTask { [forward] in (index, await forward(record)) }
            }
            var fates = [ForwardingFate](repeating: .deadlinePassed, count: events.count)
            for await (index, fate) in group { fates[index] = fate }
            return fates
        }
    }

    /// Counts an answer once for each event that it is about; of an array each by what became of it.
    private func tally(_ answer: Answer, _ call: Call) {
        let site = call.site == nil ? "-" : call.named.text
        guard !call.isDryRun, let submission = call.submission, submission.isArray else {
            return count(
                answer.tallyKind(site: site, door: call.door, event: call.submission?.first, isDryRun: call.isDryRun))
        }
        for (index, event) in submission.events.enumerated() {
            let answer = call.fates.isEmpty ? answer : Answer(call.fates[index])
            count(answer.tallyKind(site: site, door: call.door, event: event, isDryRun: false))
        }
    }
}
