/// One recorded call: what the responder forwards, the journal keeps and the store counts.
public struct Record: Hashable, Sendable {
    public let id: RecordID
    /// When it happened: milliseconds since 1970, UTC.
    public let timeMilliseconds: Int64
    public let subject: Subject
    public let site: String
    public let event: Event

    public init(id: RecordID, timeMilliseconds: Int64, subject: Subject, site: String, event: Event) {
        self.id = id
        self.timeMilliseconds = timeMilliseconds
        self.subject = subject
        self.site = site
        self.event = event
    }
}
