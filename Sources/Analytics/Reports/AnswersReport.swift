import Records
import Storage

/// What responders answered to a site's requests. Informative: what a process had not told when it died is missing.
public struct AnswersReport: Codable, Sendable, Equatable {
    public struct Bucket: Codable, Sendable, Equatable {
        /// In the report's time zone, as RFC 3339 has it.
        public let start: String
        /// The moment before which it ends.
        public let end: String
        public let answers: [Answers]
    }

    public struct Answers: Codable, Sendable, Equatable {
        /// The rule version's outcome that requests were about; nil where the report is of all of the site. What was about an
        /// outcome that has no records is in the site's alone.
        public let outcomeId: String?
        /// `conversions`, `exposures` or `log`; nil where the request came to none of these.
        public let door: String?
        /// The HTTP status; 0 for lines of nginx's log, for which nobody waits.
        public let status: Int
        /// A short name of what led to it.
        public let reason: String
        public let count: Int
    }

    public let site: String
    /// nil where the report is of all of the site.
    public let ruleId: String?
    /// nil where the report's time is one piece.
    public let bucket: BucketWidth?
    /// A name of the tz database.
    public let timeZone: String
    /// Pieces in which nothing was answered are left out.
    public let buckets: [Bucket]
}

extension AnswersReport {
    init(
        site: String, ruleID: String?, period: ReportPeriod, width: BucketWidth?,
        answers: [Storage.Bucket<[AnswerCounts]>]
    ) {
        self.site = site
        ruleId = ruleID
        bucket = width
        timeZone = period.timeZoneName
        buckets = answers.filter { !$0.content.isEmpty }.map { bucket in
            Bucket(
                start: period.text(bucket.range.lowerBound), end: period.text(bucket.range.upperBound),
                answers: bucket.content.map(Answers.init))
        }
    }

    public var table: ReportTable {
        var table = ReportTable(columns: [
            "site", "rule", "outcome", "bucketStart", "bucketEnd", "door", "status", "reason", "count", "timeZone",
        ])
        for bucket in buckets {
            for answers in bucket.answers {
                table.append([
                    .text(site), .text(ruleId), .text(answers.outcomeId), .text(bucket.start), .text(bucket.end),
                    .text(answers.door), .number(answers.status), .text(answers.reason), .number(answers.count),
                    .text(timeZone),
                ])
            }
        }
        return table
    }
}

extension AnswersReport.Answers {
    /// Whether what should have been recorded was not.
    public var isRefused: Bool {
        let known = Door.allCases.first { "\($0)" == self.door }
        return AnswerKind(door: known, status: status, reason: reason).isRefusal
    }

    fileprivate init(_ counts: AnswerCounts) {
        self.init(
            outcomeId: counts.outcome?.named, door: counts.kind.door.map { "\($0)" }, status: counts.kind.status,
            reason: counts.kind.reason, count: counts.count)
    }
}
