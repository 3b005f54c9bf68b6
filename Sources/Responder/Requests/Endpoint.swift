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
final class Endpoint: Sendable {
    /// What is known of a request that came to one of the doors, and is needed until it is answered.
    private struct Call: Sendable {
        /// nil where nginx names none that is configured.
        let site: SiteDirectory.Entry?
        let door: Door?
        let isDryRun: Bool
        /// The origin that may read the answer.
        let origin: AdmittedOrigin?
        /// What it asks to record, once that is read.
        var submission: Submission?

        init(_ parameters: borrowing RequestParameters, sites: SiteDirectory) {
            site = sites[parameters.site]
            door = Self.path(parameters).flatMap(Door.init(path:))
            isDryRun = DryRun.isAsked(parameters)
            origin = parameters.origins.last.flatMap { [site] in site?.site.origins.admitted($0) }
        }

        static func path(_ parameters: borrowing RequestParameters) -> Bytes? {
            parameters.documentURI ?? parameters.scriptName
        }

        func tallyKind(of answer: Answer, _ event: Event?) -> TallyEntry.Kind {
            answer.tallyKind(site: site?.name ?? "-", door: door, event: event, isDryRun: isDryRun)
        }
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

    private let sites: SiteDirectory
    private let subjectKey: SubjectKey
    private let way: Way
    private let notices: Notices
    private let remembered = RememberedSubmissions()

    /// What it does with a request that is admitted, or answered.
    struct Way: Sendable {
        /// Makes a record durable, and says what became of it, at once or later.
        let forward: @Sendable (Record, @escaping Forwarder.Completion) -> Void
        /// What a record would hear at once; nil where it would be forwarded.
        let refusal: @Sendable () -> ForwardingFate?
        let verification: Verification
        /// Counts an answer.
        let count: @Sendable (TallyEntry.Kind) -> Void
        /// Counts one that has a counter.
        let countWith: @Sendable (TallyCounter) -> Void
    }

    init(sites: SiteDirectory, subjectKey: SubjectKey, notices: Notices, way: Way) {
        self.sites = sites
        self.subjectKey = subjectKey
        self.notices = notices
        self.way = way
    }

    /// Answers one request, at once or when its records are durable.
    func respond(to request: Request, reply: @escaping Server.Reply) {
        let parameters = RequestParameters(request.parameters)
        var call = Call(parameters, sites: sites)
        switch decide(request.body, parameters, &call) {
        case .answer(let answer): finish(answer, call, reply)
        case .admitted(let admission, let scheme): proceed(admission, by: scheme, call, reply)
        case .verify(let verify, let admission):
            let isTaken = way.verification(
                parameters.visitorsAddress,
                { Result { () throws(Refusal) in try verify() } },
                { [call] (verified: Verified?) in
                    switch verified {
                    case .success(let scheme): self.proceed(admission, by: scheme, call, reply)
                    case .failure(let refusal): self.finish(.refused(refusal), call, reply)
                    case nil: self.finish(Answer(.deadlinePassed), call, reply)
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
            let refusal = Refusal.notForwarded(way.refusal())
            return finish(refusal.map { .refused($0) } ?? .tried(dryRun.passed(by: scheme)), call, reply)
        }
        if let submission = call.submission, submission.isArray {
            forward(submission.items, as: admission.record, call, reply)
        } else {
            forward(admission.record, call, reply)
        }
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
        guard let named = call.site else {
            notices.siteUnknown(SiteName(parameters), known: sites.names)
            throw .noSuchSite
        }
        let site = named.site
        guard parameters.byteCount <= Limits.parameterBytesMax else { throw .parametersTooLarge }
        let method = try Method(parameters)
        guard site.hasAnalytics else { throw .analyticsOff }
        try site.origins.check(parameters)
        if method == .options {
            return .answer(.preflight(allowedHeaders: CrossOrigin.allowedHeaders(parameters)))
        }
        if let exclusion = Exclusion(parameters.exclude?.text) { return .answer(.excluded(exclusion)) }
        try checkContent(parameters)
        let submission = try remembered.submission(json: try bytes(of: body), at: named, door: door)
        call.submission = submission
        let trackingID = try TrackingID(parameters, for: submission.first.event)
        let check = try site.checkCredentials(
            parameters, isConversion: door == .conversions, nowMilliseconds: arrival, notices: notices)
        let admission = Admission(
            record: Record(
                id: recordID(parameters), timeMilliseconds: arrival,
                subject: subjectKey.subject(site: named.name, trackingID: trackingID), names: submission.first.names),
            dryRun: call.isDryRun ? DryRun(submission, at: named, parameters) : nil)
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
        way.forward(record) { fate in self.finish(Answer(fate), call, reply) }
    }

    /// Makes records of all `items`, each with an id of its own, and otherwise like `record`. The answer is that to the first
    /// that is not recorded, once it is known of each what became of it.
    private func forward(
        _ items: [Submission.Item], as record: Record, _ call: Call, _ reply: @escaping Server.Reply
    ) {
        // Used on the loop's thread alone, so that nobody ever waits for the lock.
        let fates = Mutex<(known: [ForwardingFate?], missing: Int)>(
            (Array(repeating: nil, count: items.count), items.count))
        for (index, item) in items.enumerated() {
            let record = Record(
                id: RecordID(request: record.id, index: UInt8(index)), timeMilliseconds: record.timeMilliseconds,
                subject: record.subject, names: item.names)
            way.forward(record) { fate in
                self.tally(Answer(fate), call, item)
                let answers: [Answer]? = fates.withLock { fates in
                    fates.known[index] = fate
                    fates.missing -= 1
                    return fates.missing == 0 ? fates.known.compactMap { $0.map { Answer($0) } } : nil
                }
                guard let answers else { return }
                reply(self.encoded(answers.first { $0 != .recorded } ?? .recorded, call))
            }
        }
    }

    // MARK: Answering

    private func finish(_ answer: Answer, _ call: Call, _ reply: Server.Reply) {
        tally(answer, call)
        reply(encoded(answer, call))
    }

    private func encoded(_ answer: Answer, _ call: Call) -> EncodedResponse {
        if case .recorded = answer { return call.origin?.recorded ?? CrossOrigin.recordedWithoutOrigin }
        var response = answer.response()
        let allowedHeaders: String? = if case .preflight(let headers) = answer { headers } else { nil }
        CrossOrigin.addHeaders(to: &response, for: call.origin?.text, allowedHeaders: allowedHeaders)
        return response.encoded()
    }

    /// Counts an answer once for each event that it is about; a dry run once.
    private func tally(_ answer: Answer, _ call: Call) {
        guard let submission = call.submission else { return way.count(call.tallyKind(of: answer, nil)) }
        tally(answer, call, submission.first)
        if submission.isArray, !call.isDryRun {
            for item in submission.items.dropFirst() { tally(answer, call, item) }
        }
    }

    private func tally(_ answer: Answer, _ call: Call, _ item: Submission.Item) {
        if case .recorded = answer {
            way.countWith(item.recorded)
        } else {
            way.count(call.tallyKind(of: answer, item.event))
        }
    }
}
