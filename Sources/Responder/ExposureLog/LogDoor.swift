import Credentials
import JSON
import Records

/// The door for nginx's log: what a line must be like, in the order in which that is checked.
///
/// No credential is checked. Whoever may write to the socket is believed.
struct LogDoor: Sendable {
    /// What a line comes to.
    struct Judgement: Sendable {
        /// As the tally names it.
        fileprivate(set) var site = "-"
        /// One for each pair of rule and outcome that counts.
        fileprivate(set) var records: [Record] = []
        /// What does not count.
        fileprivate(set) var losses: [Loss] = []
        /// What nginx answered by itself, where the line is about that.
        fileprivate(set) var answer: TallyEntry.Kind?
        /// Whether it has the form of such a line, whatever stands in it.
        fileprivate(set) var isRead = false
        /// Whether nginx may have passed over headers that it does not show.
        fileprivate(set) var showsFirstHeadersAlone = false
    }

    struct Loss: Sendable {
        let fault: LogFault
        /// What it was about, where that was read.
        var event: Event?
        var count = 1
    }

    /// How old nginx's time may be: a socket that systemd holds keeps lines while the responder is started again.
    private static let ageMillisecondsMax: Int64 = 60 * 60 * 1000

    let sites: SiteDirectory
    let subjectKey: SubjectKey
    let notices: Notices

    func judge(_ datagram: UnsafeRawBufferPointer, nowMilliseconds now: Int64) -> Judgement {
        var judgement = Judgement()
        do throws(LogFault) {
            let line = try LogLine(datagram: datagram)
            judgement.isRead = true
            switch line {
            case .page(let line): try admit(line, now, &judgement)
            case .answer(let line): try note(line, &judgement)
            }
        } catch {
            judgement.losses.append(Loss(fault: error))
        }
        return judgement
    }

    private func site(_ given: String, _ judgement: inout Judgement) throws(LogFault) -> Site {
        let named = SiteName(given)
        guard let site = sites[named.text]?.site else {
            notices.siteUnknown(named, known: sites.names)
            throw .site
        }
        judgement.site = named.text
        return site
    }

    // MARK: Pages

    private func admit(_ line: LogLine.Page, _ now: Int64, _ judgement: inout Judgement) throws(LogFault) {
        judgement.showsFirstHeadersAlone = line.showsFirstHeadersAlone
        let site = try site(line.site, &judgement)
        guard site.hasAnalytics else { throw .analyticsOff }
        if let exclusion = Exclusion(line.exclude) { throw .excluded(exclusion) }
        let outcomes = OutcomesHeader(line.outcomes)
        judgement.losses = outcomes.faults.map { Loss(fault: $0) }
        if outcomes.beyondCount > 0 {
            judgement.losses.append(Loss(fault: .tooManyOutcomes, count: outcomes.beyondCount))
        }
        guard !outcomes.pairs.isEmpty else {
            if judgement.losses.isEmpty { throw .empty }
            return
        }
        do throws(LogFault) {
            judgement.records = try records(outcomes.pairs, line, site, siteName: judgement.site, now)
        } catch {
            judgement.losses += outcomes.pairs.map { Loss(fault: error, event: $0.event) }
        }
    }

    private func records(
        _ pairs: [OutcomesHeader.Pair], _ line: LogLine.Page, _ site: Site, siteName: String, _ now: Int64
    ) throws(LogFault) -> [Record] {
        guard let requestID = RecordID(hex: line.id) else { throw .requestID }
        let time = Self.time(try line.timeMilliseconds(), now)
        let subject = subjectKey.subject(site: siteName, trackingID: try Self.trackingID(line, site, now))
        return pairs.map { pair in
            Record(
                id: RecordID(request: requestID, index: pair.place), timeMilliseconds: time, subject: subject,
                site: siteName, event: pair.event)
        }
    }

    /// nginx's time. It has the clock of this machine, so a time that is ahead of it, or far behind, shows that the clock
    /// was set meanwhile; then this moment is nearer.
    private static func time(_ time: Int64, _ now: Int64) -> Int64 {
        (now - ageMillisecondsMax...now).contains(time) ? time : now
    }

    /// The id that the request came with. Only where it has none, on a first view, the one that the response gives the
    /// browser, which sends it with the conversion that may follow.
    private static func trackingID(
        _ line: LogLine.Page, _ site: Site, _ now: Int64
    ) throws(LogFault) -> TrackingID {
        if let id = try? TrackingID(cookieValue: Array(line.trackingID.utf8)[...]) { return id }
        let page = SetCookies.Page(hosts: site.origins.hosts(ofPageAt: line.host), path: line.path)
        switch SetCookies(line.setCookie).effect(on: page, nowMilliseconds: now) {
        case .kept(let id): return id
        case .useless: throw .setCookie
        case .deleted: throw .trackingID
        case .untouched:
            let isUnseen = line.showsFirstHeadersAlone && !line.setCookie.isEmpty && !line.trackingIDSet.isEmpty
            throw isUnseen ? .setCookieUnseen : .trackingID
        }
    }

    // MARK: nginx's own answers

    private func note(_ line: LogLine.Answer, _ judgement: inout Judgement) throws(LogFault) {
        let (door, status) = try line.kind()
        // A site that is not known has its answers counted, too.
        _ = try? site(line.site, &judgement)
        let reason = Exclusion(line.exclude)?.tallyReason ?? "nginx"
        judgement.answer = TallyEntry.Kind(site: judgement.site, door: door, status: status, reason: reason)
    }
}

extension CrossOrigin {
    /// The names that browsers may know a page's host by. What nginx was told is one of them where an origin says so, or any may be
    /// one; behind a CDN it may be another, and then it is one of the origins'.
    fileprivate func hosts(ofPageAt host: String) -> [String] {
        guard case .listed(let origins) = self else { return [host] }
        let hosts = origins.compactMap { Self.host($0.text) }
        return hosts.contains(host) ? [host] : hosts
    }

    private static func host(_ origin: String) -> String? {
        guard let start = origin.firstRange(of: "://")?.upperBound else { return nil }
        let authority = origin[start...]
        if authority.first == "[" { return authority.lastIndex(of: "]").map { String(authority[...$0]) } }
        return String(authority.prefix { $0 != ":" })
    }
}

/// Why a line of nginx's log, or a part of it, is not recorded. It holds nothing of what stands in the line.
struct LogFault: Error, Equatable, Sendable {
    /// A short name of the reason, for the tally.
    let reason: String
    /// What is wrong with how nginx or the origin is set up; nil for what is usual.
    let explanation: String?

    private init(_ reason: String, _ explanation: String? = nil) {
        self.reason = reason
        self.explanation = explanation
    }
}

/// Every fault there is, in the order in which the checks are made.
extension LogFault {
    static let tooLong = LogFault("too-long", "it is over \(Limits.logLineBytesMax) bytes")

    static let syslog = LogFault(
        "syslog", "it does not begin as a line of nginx's syslog does, with an object after it")

    static func json(_ error: JSONError) -> LogFault {
        LogFault("json", "it is not one JSON object: \(error)")
    }

    static func member(_ name: String) -> LogFault {
        LogFault("json", "its member \(name) is missing, or no string")
    }

    static let site = LogFault("site")
    static let analyticsOff = LogFault("off")

    static func excluded(_ exclusion: Exclusion) -> LogFault {
        LogFault(exclusion.tallyReason)
    }

    /// The origin's header is there and names nothing.
    static let empty = LogFault("empty")

    static let outcomes = LogFault(
        "outcomes", "in the origin's header there is something else than JSON arrays of objects, in UTF-8")

    static let tooManyOutcomes = LogFault(
        "too-many",
        "the origin's header names more than \(Limits.outcomesPerLineMax) outcomes, of which the first count")

    static let field = LogFault(
        "field",
        """
        in the origin's header a ruleId, an outcomeId or a conversion is missing, no string, empty, holds a control character, \
        or is over \(Limits.ruleIDBytesMax), \(Limits.outcomeIDBytesMax) or \(Limits.conversionBytesMax) bytes
        """)

    static let requestID = LogFault("request-id", "its member id is not nginx's $request_id")
    static let time = LogFault("time", "its member time is not nginx's $msec")

    /// Programs that keep no cookies are as usual as visitors.
    static let trackingID = LogFault("tracking-id")

    static let setCookie = LogFault(
        "set-cookie",
        """
        on a first view the cookie blaize_tracking_id is set so that the endpoint will not get it (Domain, Path), or to what no \
        cookie may hold; set it with Path=/, and without Domain or with the site's own
        """)

    static let setCookieUnseen = LogFault(
        "set-cookie-unseen",
        """
        on a first view the origin sets the cookie blaize_tracking_id, and not in its first Set-Cookie header, which is the only \
        one that nginx shows before 1.23; let it be the first, or use a later nginx
        """)

    static let answer = LogFault(
        "answer", "its members answered and uri are not a status from 400 on and an address of the endpoint")
}
