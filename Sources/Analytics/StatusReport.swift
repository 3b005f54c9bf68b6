/// How the aggregator is doing. Counts are since it started.
public struct StatusReport: Codable, Sendable, Equatable {
    /// Answers that responders gave, by site, status and reason.
    public struct Answers: Codable, Sendable, Equatable {
        public let site: String
        public let status: Int
        public let reason: String
        public let count: Int

        public init(site: String, status: Int, reason: String, count: Int) {
            self.site = site
            self.status = status
            self.reason = reason
            self.count = count
        }
    }

    /// The journal's last commit, and the last one that is counted in reports.
    public var journalSequence: Int64
    public var foldedSequence: Int64
    /// Responders that are connected.
    public var responders: Int
    public var commits: Int
    public var records: Int
    /// Records that arrived more than once and were counted once.
    public var duplicates: Int
    /// Records refused because the disk was full.
    public var refused: Int
    /// How long a commit took on average, its sync included.
    public var commitMicrosecondsMean: Int
    public var answers: [Answers]

    public init(
        journalSequence: Int64, foldedSequence: Int64, responders: Int, commits: Int, records: Int, duplicates: Int,
        refused: Int, commitMicrosecondsMean: Int, answers: [Answers]
    ) {
        self.journalSequence = journalSequence
        self.foldedSequence = foldedSequence
        self.responders = responders
        self.commits = commits
        self.records = records
        self.duplicates = duplicates
        self.refused = refused
        self.commitMicrosecondsMean = commitMicrosecondsMean
        self.answers = answers
    }
}
