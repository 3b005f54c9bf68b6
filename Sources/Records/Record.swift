/// One recorded call: what the responder forwards, the journal keeps and the store counts.
public struct Record: Hashable, Sendable {
    public let id: RecordID
    /// When the request arrived: milliseconds since 1970, UTC.
    public let timeMilliseconds: Int64
    public let subject: Subject
    public let site: String
    public let conversion: Conversion

    public init(id: RecordID, timeMilliseconds: Int64, subject: Subject, site: String, conversion: Conversion) {
        self.id = id
        self.timeMilliseconds = timeMilliseconds
        self.subject = subject
        self.site = site
        self.conversion = conversion
    }
}
