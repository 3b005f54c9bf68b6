/// Why there is no report as it is asked for. The description says what would be right.
public enum ReportFault: Error, Equatable, Sendable, CustomStringConvertible {
    case timeZone(String)
    /// What was asked for, and where the tz database should be and is not.
    case noTimeZones(String, String)
    /// What was asked for, where the tz database is, and what is wrong with the file.
    case unreadableTimeZone(String, String, ZoneFault)
    /// `from` or `to`, and what it says.
    case moment(String, String)
    case empty
    case tooManyBuckets(BucketWidth, max: Int)
    case tooManyCells(Int, max: Int)

    public var description: String {
        switch self {
        case .timeZone(let name):
            "There is no time zone '\(name)'. Name one as the tz database does, such as Europe/Berlin, or UTC."
        case .noTimeZones(let name, let directory):
            "The time zone '\(name)' cannot be had, only UTC: this system has no time zones in \(directory). Install the "
                + "package tzdata."
        case .unreadableTimeZone(let name, let directory, let fault):
            "The time zone '\(name)' cannot be read from \(directory): \(fault). Install the package tzdata again."
        case .moment(let name, let text):
            "\(name) has to be a date, such as 2026-11-01, or a time with its offset from UTC, such as "
                + "2026-11-01T09:15:00+01:00 (in a URL + is written %2B), not '\(text)'."
        case .empty:
            "to lies before from, or at it. A date stands for the whole day: from=2026-11-01&to=2026-11-01 is one day."
        case .tooManyBuckets(let width, let max):
            "There are more than \(max) buckets of \(width.phrase). Ask for a shorter time with from and to, or for "
                + "larger buckets."
        case .tooManyCells(let count, let max):
            "The file would have \(count) cells, and more than \(max) are not made. Ask for a shorter time, or for the full report, "
                + "which has a row for each conversion in place of a column."
        }
    }
}

extension BucketWidth {
    fileprivate var phrase: String {
        switch self {
        case .quarterHour: "a quarter of an hour"
        case .hour: "an hour"
        case .day: "a day"
        }
    }
}
