import JSON
import Records

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
