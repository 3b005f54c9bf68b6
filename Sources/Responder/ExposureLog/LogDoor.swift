import Credentials
import ForwardProtocol
import Records

/// The door for nginx's log: what a line must be like, in the order in which that is checked.
///
/// No credential is checked. Whoever may write to the socket is believed.
struct LogDoor: Sendable {
    /// What is known of a line.
    struct Entry: Sendable {
        /// As the tally names it.
        fileprivate(set) var site = "-"
        /// What the line is about, once that is read.
        fileprivate(set) var exposures: [Exposure] = []
    }

    /// How old nginx's time may be: a socket that systemd holds keeps lines while the responder is started again.
    private static let ageMillisecondsMax: Int64 = 60 * 60 * 1000

    let sites: SiteDirectory
    let subjectKey: SubjectKey
    let notices: Notices

    /// The records that a datagram comes to, one for each outcome that was shown.
    func admit(
        _ datagram: UnsafeRawBufferPointer, nowMilliseconds now: Int64, _ entry: inout Entry
    ) throws(LogFault) -> [Record] {
        let line = try LogLine(datagram: datagram)
        let named = SiteName(line.site)
        guard let site = sites[named.text] else {
            notices.siteUnknown(named, known: sites.names)
            throw .site
        }
        entry.site = named.text
        guard site.hasAnalytics else { throw .analyticsOff }
        if let exclusion = Exclusion(line.exclude) { throw .excluded(exclusion) }
        let exposures = try line.exposures()
        entry.exposures = exposures
        guard let requestID = RecordID(hex: line.id) else { throw .requestID }
        let time = Self.time(try line.timeMilliseconds(), now)
        let subject = subjectKey.subject(site: named.text, trackingID: try Self.trackingID(line))
        return exposures.enumerated().map { index, exposure in
            Record(
                id: RecordID(request: requestID, index: UInt8(index)), timeMilliseconds: time, subject: subject,
                site: named.text, event: .exposure(exposure))
        }
    }

    /// nginx's time. It has the clock of this machine, so a time that is ahead of it, or far behind, shows that the clock
    /// was set meanwhile; then this moment is nearer.
    private static func time(_ time: Int64, _ now: Int64) -> Int64 {
        (now - ageMillisecondsMax...now).contains(time) ? time : now
    }

    /// The id that the response sets, where it sets one, before the one that the request came with: it is the one that
    /// the browser holds from now on, and sends with the conversion that may follow.
    private static func trackingID(_ line: LogLine) throws(LogFault) -> TrackingID {
        let text = line.trackingIDSet.isEmpty ? line.trackingID : line.trackingIDSet
        do {
            return try TrackingID(Array(text.utf8)[...])
        } catch {
            throw .trackingID
        }
    }
}
