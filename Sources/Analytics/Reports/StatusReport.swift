/// How the aggregator and its responders are doing. Counts are since the aggregator started.
public struct StatusReport: Codable, Sendable, Equatable {
    public var version = ""
    public var started = Timestamp(milliseconds: 0)
    /// The journal's last commit, and the last one that is counted in reports.
    public var journalSequence: Int64 = 0
    public var foldedSequence: Int64 = 0
    /// How old the reports are: how long ago all that was durable was in them. 0 when all that is durable is.
    public var foldAgeMilliseconds = 0
    /// The time up to which all records are counted in reports.
    public var countedUntil = Timestamp(milliseconds: 0)
    /// How far this machine's clock is ahead of the time that the aggregator goes by, because it is not believed; nil where it
    /// is.
    public var clockDoubtMilliseconds: Int?
    /// The bytes of the journal's file.
    public var journalBytes = 0
    /// Records that have arrived and are not answered for yet.
    public var recordsInFlight = 0
    public var commits = 0
    public var records = 0
    /// Records that arrived more than once and were counted once.
    public var duplicates = 0
    /// Records refused because the disk was full, or another process held the journal.
    public var refused = 0
    /// Records whose time could not be, and was set right.
    public var timesSetRight = 0
    /// How long a commit took on average, its sync included.
    public var commitMicrosecondsMean = 0
    /// How often the aggregator read its configuration again, and how often that failed.
    public var reloads = 0
    public var reloadsFailed = 0
    /// Records that were counted under `(other)`, by the first of their names that had no room.
    public var overflow = Overflow()
    public var limits = Limits()
    /// By site.
    public var dimensions: [Dimensions] = []
    /// Those that are connected.
    public var responders: [Responder] = []
    /// What responders answered.
    public var answers: [Answers] = []
    /// Records whose ids or names are evidently mistakes, and were counted all the same.
    public var mistakes: [Mistakes] = []

    public init() {}

    /// How far one clock is from another, for a sentence: `3653 days ahead of`, `7 minutes behind`.
    public static func distance(milliseconds: Int64) -> String {
        let units: [(name: String, milliseconds: UInt64)] = [("day", 86_400_000), ("hour", 3_600_000)]
        let unit = units.first { milliseconds.magnitude >= $0.milliseconds } ?? ("minute", 60_000)
        let count = milliseconds.magnitude / unit.milliseconds
        return "\(count) \(unit.name)\(count == 1 ? "" : "s") \(milliseconds < 0 ? "behind" : "ahead of")"
    }

    /// The same for whoever may read these sites alone: nothing that names another one. What was asked of no site is
    /// nobody's, and stays.
    public func showing(_ isReadable: (String) -> Bool) -> StatusReport {
        var report = self
        report.dimensions.removeAll { !isReadable($0.site) }
        report.answers.removeAll { $0.site != "-" && !isReadable($0.site) }
        report.mistakes.removeAll { !isReadable($0.site) }
        return report
    }

    /// How many of the journal's commits the reports do not count yet.
    public var backlog: Int { Int(max(0, journalSequence - foldedSequence)) }

    public struct Overflow: Codable, Sendable, Equatable {
        public var sites = 0
        public var rules = 0
        public var outcomes = 0
        public var conversions = 0

        public init() {}
    }

    /// How many names are told apart.
    public struct Limits: Codable, Sendable, Equatable {
        public var rulesPerSite = 0
        public var outcomesPerRule = 0
        public var conversionsPerOutcome = 0

        public init() {}
    }

    /// How much of the limits a site uses.
    public struct Dimensions: Codable, Sendable, Equatable {
        public var site = ""
        public var rules = 0
        public var outcomesOfFullestRule = 0

        public init() {}
    }

    /// A responder that is connected. What it has not told is nil.
    public struct Responder: Codable, Sendable, Equatable {
        /// Counts the connections of responders since the aggregator started, so that no two are the same.
        public var id = 0
        public var processId = 0
        public var recordsInFlight: Int?
        public var connections: Int?
        public var reloads: Int?
        public var reloadsFailed: Int?
        /// The responder's clock less the aggregator's.
        public var clockDifferenceMilliseconds: Int?

        public init() {}
    }

    /// Answers that responders gave, by site, status and reason.
    public struct Answers: Codable, Sendable, Equatable {
        public var site = ""
        /// Where the request came in: `conversions`, `exposures`, `log`, or `none` of these.
        public var door = ""
        public var status = 0
        public var reason = ""
        public var count = 0

        public init() {}
    }

    /// Records that have the same mistake in the same field.
    public struct Mistakes: Codable, Sendable, Equatable {
        public var site = ""
        /// `ruleId`, `outcomeId` or `conversion`.
        public var field = ""
        /// `template`, `undefined`, `null`, `object` or `blank`.
        public var mistake = ""
        public var count = 0

        public init() {}
    }
}
