import ConfigurationFile
import Credentials
import EventLoop
import FastCGI
import Records
import JSON
import Logging
import Synchronization

/// The endpoint for conversions and exposures: what a request must be like, in the order in which that is checked,
/// cheapest first.
struct Endpoint: Sendable {
    /// What is known of a request that came to one of the doors, and is needed until it is answered.
    private struct Call: Sendable {
        let named: SiteName
        let site: Site?
        let door: Door?
        let isDryRun: Bool
        /// The origin that may read the answer.
        let origin: AdmittedOrigin?
        /// What it asks to record, once that is read.
        var submission: Submission?

        init(_ parameters: borrowing RequestParameters, sites: SiteDirectory) {
            named = SiteName(parameters)
            site = sites[named.text]
            door = Self.path(parameters).flatMap(Door.init(path:))
            isDryRun = DryRun.isAsked(parameters)
            origin = parameters.origins.last.flatMap { [site] in site?.origins.admitted($0) }
        }

        static func path(_ parameters: borrowing RequestParameters) -> Bytes? {
            parameters.documentURI ?? parameters.scriptName
        }

        /// As the tally names it.
        var tallySite: String { site == nil ? "-" : named.text }
    }

    /// A request in which all is right, but for its credentials, perhaps.
    private struct Admission: Sendable {
        /// What is to be made durable; of an array the first.
        let record: Record
        /// Where nothing is to be: what would be said of it.
        let dryRun: DryRun?
    }

    /// What comes of the checks.
    private enum Decision {
        case answer(Answer)
        case admitted(Admission, by: CredentialScheme?)
        /// Its credentials take so long that no other request should wait for them.
        case verify(@Sendable () throws(Refusal) -> CredentialScheme?, Admission)
    }

    /// Does something that takes long beside the loop, for a request of that address, and calls back with what came of it, on
    /// the loop's thread; with nil where there was no time. False where there is no room.
    typealias Verification =
        @Sendable (
            _ address: [UInt8], _ verify: @escaping @Sendable () -> Verified,
            _ completion: @escaping @Sendable (Verified?) -> Void
        ) -> Bool
    typealias Verified = Result<CredentialScheme?, Refusal>

    let sites: SiteDirectory
    let subjectKey: SubjectKey
    /// Makes a record durable, and says what became of it, at once or later.
    let forward: @Sendable (Record, @escaping Forwarder.Completion) -> Void
    /// What a record would hear at once; nil where it would be forwarded.
    let refusal: @Sendable () -> ForwardingFate?
    let verification: Verification
    /// Counts an answer.
    let count: @Sendable (TallyEntry.Kind) -> Void
    let notices: Notices

    /// Answers one request, at once or when its records are durable.
    func respond(to request: Request, reply: @escaping Server.Reply) {
        let parameters = RequestParameters(request.parameters)
        var call = Call(parameters, sites: sites)
        switch decide(request.body, parameters, &call) {
        case .answer(let answer): finish(answer, call, reply)
        case .admitted(let admission, let scheme): proceed(admission, by: scheme, call, reply)
        case .verify(let verify, let admission):
            let isTaken = verification(
                parameters.visitorsAddress,
                { Result { () throws(Refusal) in try verify() } },
                { [call] (verified: Verified?) in
                    switch verified {
                    case .success(let scheme): proceed(admission, by: scheme, call, reply)
                    case .failure(let refusal): finish(.refused(refusal), call, reply)
                    case nil: finish(Answer(.deadlinePassed), call, reply)
                    }
                })
            if !isTaken { finish(Answer(.tooManyInFlight), call, reply) }
        }
    }

    /// What follows once the credentials are known to be all right.
    private func proceed(
        _ admission: Admission, by scheme: CredentialScheme?, _ call: Call, _ reply: @escaping Server.Reply
    ) {
        if let dryRun = admission.dryRun {
            let refusal = Refusal.notForwarded(refusal())
            return finish(refusal.map { .refused($0) } ?? .tried(dryRun.passed(by: scheme)), call, reply)
        }
        if let submission = call.submission, submission.isArray {
            forward(submission.events, as: admission.record, call, reply)
        } else {
            forward(admission.record, call, reply)
        }
    }

    private func finish(_ answer: Answer, _ call: Call, _ reply: Server.Reply) {
        tally(answer, call)
        reply(encoded(answer, call))
    }

    private func decide(_ body: Request.Body, _ parameters: borrowing RequestParameters, _ call: inout Call) -> Decision
    {
        do throws(Refusal) {
            return try admit(body, parameters, &call)
        } catch {
            return .answer(.refused(error))
        }
    }

    private func admit(
        _ body: Request.Body, _ parameters: borrowing RequestParameters, _ call: inout Call
    ) throws(Refusal) -> Decision {
        let arrival = WallClock.nowMilliseconds()
        guard let door = call.door else { throw .noSuchPath(Call.path(parameters)?.text ?? "") }
        guard let site = call.site else {
            notices.siteUnknown(call.named, known: sites.names)
            throw .noSuchSite
        }
        guard parameters.byteCount <= Limits.parameterBytesMax else { throw .parametersTooLarge }
        let method = try Method(parameters)
        guard site.hasAnalytics else { throw .analyticsOff }
        try site.origins.check(parameters)
        if method == .options {
            return .answer(.preflight(allowedHeaders: CrossOrigin.allowedHeaders(parameters)))
        }
        if let exclusion = Exclusion(parameters.exclude?.text) { return .answer(.excluded(exclusion)) }
        try checkContent(parameters)
        let submission = try Submission(json: try bytes(of: body), isConversion: door == .conversions)
        call.submission = submission
        let trackingID = try TrackingID(parameters, for: submission.first)
        let check = try site.checkCredentials(
            parameters, isConversion: door == .conversions, nowMilliseconds: arrival, notices: notices)
        let admission = Admission(
            record: Record(
                id: recordID(parameters), timeMilliseconds: arrival,
                subject: subjectKey.subject(site: call.named.text, trackingID: trackingID), site: call.named.text,
                event: submission.first),
            dryRun: call.isDryRun ? DryRun(submission, site: call.named.text, of: site, parameters) : nil)
        switch check {
        case .passed(let scheme): return .admitted(admission, by: scheme)
        case .dear(let verify): return .verify(verify, admission)
        }
    }

    private static let contentTypes: [StaticString] = ["application/json", "text/plain"]

    /// `text/plain` is what `navigator.sendBeacon` sends for a string.
    private func checkContent(_ parameters: borrowing RequestParameters) throws(Refusal) {
        guard let value = parameters.contentType, !value.isEmpty else { throw .contentTypeMissing }
        let type = value.prefix { $0 != UInt8(ascii: ";") }.trimmingSpaces
        guard Self.contentTypes.contains(where: type.equalsIgnoringCase) else { throw .contentTypeOther }
        for value in parameters.contentEncodings {
            for encoding in value.split(separator: UInt8(ascii: ",")).map(\.trimmingSpaces) where !encoding.isEmpty {
                guard encoding.equalsIgnoringCase("identity") else { throw .contentEncoded(encoding.text) }
            }
        }
    }

    private func bytes(of body: Request.Body) throws(Refusal) -> UnsafeRawBufferPointer {
        switch body {
        case .bytes(let bytes): return bytes
        case .tooLarge: throw .bodyTooLarge
        case .otherLength(let bytes, let announced): throw .bodyCut(bytes: bytes, announced: announced)
        }
    }

    private func recordID(_ parameters: borrowing RequestParameters) -> RecordID {
        if let id = parameters.requestID.flatMap(RecordID.init(hex:)) { return id }
        notices.requestIDMissing()
        return .random()
    }

    // MARK: Forwarding

    private func forward(_ record: Record, _ call: Call, _ reply: @escaping Server.Reply) {
        forward(record) { fate in
            tally(Answer(fate), call)
            guard fate == .durable else { return reply(encoded(Answer(fate), call)) }
            reply(call.origin?.recorded ?? CrossOrigin.recordedWithoutOrigin)
        }
    }

    /// Makes records of all `events`, each with an id of its own, and otherwise like `record`. The answer is that to the first
    /// that is not recorded, once it is known of each what became of it.
    private func forward(
        _ events: [Event], as record: Record, _ call: Call, _ reply: @escaping Server.Reply
    ) {
        // Used on the loop's thread alone, so that nobody ever waits for the lock.
        let fates = Mutex<(known: [ForwardingFate?], missing: Int)>(
            (Array(repeating: nil, count: events.count), events.count))
        for (index, event) in events.enumerated() {
            let record = Record(
                id: RecordID(request: record.id, index: UInt8(index)), timeMilliseconds: record.timeMilliseconds,
                subject: record.subject, site: record.site, event: event)
            forward(record) { fate in
                count(Answer(fate).tallyKind(site: call.tallySite, door: call.door, event: event, isDryRun: false))
                let answers: [Answer]? = fates.withLock { fates in
                    fates.known[index] = fate
                    fates.missing -= 1
                    return fates.missing == 0 ? fates.known.compactMap { $0.map { Answer($0) } } : nil
                }
                guard let answers else { return }
                reply(encoded(answers.first { $0 != .recorded } ?? .recorded, call))
            }
        }
    }

    // MARK: Answering

    private func encoded(_ answer: Answer, _ call: Call) -> EncodedResponse {
        var response = answer.response()
        let allowedHeaders: String? = if case .preflight(let headers) = answer { headers } else { nil }
        CrossOrigin.addHeaders(to: &response, for: call.origin?.text, allowedHeaders: allowedHeaders)
        return response.encoded()
    }

    /// Counts an answer once for each event that it is about.
    private func tally(_ answer: Answer, _ call: Call) {
        guard !call.isDryRun, let submission = call.submission, submission.isArray else {
            return count(
                answer.tallyKind(
                    site: call.tallySite, door: call.door, event: call.submission?.first, isDryRun: call.isDryRun))
        }
        for event in submission.events {
            count(answer.tallyKind(site: call.tallySite, door: call.door, event: event, isDryRun: false))
        }
    }
}
