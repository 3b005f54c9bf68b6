import Credentials
import FastCGI
import JSON
import Records

/// An answer other than the one that was asked for.
struct Refusal: Error, Sendable, Equatable {
    let status: Int
    /// A short name of the reason, for the tally.
    let reason: String
    /// One line: what was wrong and, where it helps, what would have been right.
    let message: String
    var headers: [Response.Header] = []

    init(_ status: Int, _ reason: String, _ message: String, headers: [(String, String)] = []) {
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers.map { Response.Header(name: $0.0, value: $0.1) }
    }
}

/// Every refusal there is, in the order in which the checks are made.
extension Refusal {
    static func noSuchPath(_ path: String) -> Refusal {
        Refusal(
            404, "path",
            "There is nothing at \(path.escaped()). Conversions are recorded by POST \(Door.conversionsPath), "
                + "exposures by POST \(Door.exposuresPath).")
    }

    static let noSuchSite = Refusal(
        500, "site", "This server is not set up for this site. Its log says what to set; nothing was recorded.")

    static let parametersTooLarge = Refusal(
        431, "parameters",
        "The request's headers and parameters are over \(Limits.parameterBytesMax) bytes together.")

    static func methodNotAllowed(_ method: String) -> Refusal {
        Refusal(
            405, "method", "The method \(method.escaped()) is not allowed here. Use POST.",
            headers: [("Allow", "POST, OPTIONS")])
    }

    static let analyticsOff = Refusal(404, "off", "In-rule analytics is switched off for this site.")

    static let originNotListed = Refusal(
        403, "origin", "The request's origin is not among those whose pages may call on this site.")

    static let originIsNone = Refusal(
        403, "origin",
        "The request's Origin is none: that is a scheme, a host and perhaps a port, in \(Limits.originBytesMax) bytes at most."
    )

    static let crossSiteWithoutOrigin = Refusal(
        403, "origin", "A cross-site request has to say its origin, and that origin has to be listed for this site.")

    static let contentTypeMissing = Refusal(
        415, "content-type", "The request has no Content-Type. Send application/json.")

    static let contentTypeOther = Refusal(
        415, "content-type", "The request's Content-Type is neither JSON nor text/plain. Send application/json.")

    /// `encoding` is what came, in the request's own words.
    static func contentEncoded(_ encoding: String) -> Refusal {
        Refusal(
            415, "content-encoding",
            "The body's Content-Encoding is \(encoding.escaped(charactersMax: 40)). Send the body as it is, without one."
        )
    }

    static let bodyTooLarge = Refusal(413, "size", "The body is over \(Limits.bodyBytesMax) bytes.")

    static func bodyCut(bytes: Int, announced: String) -> Refusal {
        Refusal(
            400, "length", "The body has \(bytes) bytes where Content-Length says \(announced.escaped()).")
    }

    static func body(_ error: JSONError, shape: String) -> Refusal {
        Refusal(400, "json", "The body is not one JSON \(shape): \(error).")
    }

    static let noExposures = Refusal(
        400, "field", "The body's array is empty. It has an object with ruleId and outcomeId for each exposure.")

    static func tooManyExposures(_ count: Int) -> Refusal {
        Refusal(
            400, "too-many",
            "The body's array has \(count) exposures, of which \(Limits.exposuresPerRequestMax) may come at once. "
                + "Nothing was recorded.")
    }

    static func field(_ name: String, _ fault: String) -> Refusal {
        Refusal(400, "field", "The body's \(name) \(fault).")
    }

    static func trackingIDMissing(_ event: Event) -> Refusal {
        let what = event.conversionName.map { "conversion \($0)" } ?? "exposure"
        return Refusal(
            400, "tracking-id",
            "Failed recording \(what) for rule ID \(event.ruleID) and outcome ID \(event.outcomeID) "
                + "due to missing user tracking ID")
    }

    static let trackingIDTooLong = Refusal(
        400, "tracking-id", "The cookie blaize_tracking_id is over \(Limits.trackingIDBytesMax) bytes.")

    static let trackingIDNoCookie = Refusal(
        400, "tracking-id", "The cookie blaize_tracking_id holds bytes that a cookie may not hold.")

    static let tooManyCredentials = Refusal(
        400, "credentials",
        "The request presents more than \(SiteCredentials.credentialsMax) credentials, or more than "
            + "\(SiteCredentials.tokensMax) different tokens.")

    /// - Parameter ignored: what came and does not count here.
    static func credentialMissing(_ ignored: [IgnoredCredential], acceptsSessions: Bool) -> Refusal {
        let explanation = ignored.map(\.description).joined(separator: "; ")
        let message = ignored.isEmpty ? "presents no credential" : "presents no credential that counts: \(explanation)"
        let right = acceptsSessions ? "the cookie blaize_session, or a token" : "a token"
        let description = ignored.isEmpty ? "no credential is presented" : explanation
        return Refusal(
            401, "no-credential",
            "The request \(message). Send \(right) as Authorization: Bearer, or another that the site accepts.",
            headers: [
                ("WWW-Authenticate", #"Bearer error="invalid_request", error_description="\#(description)""#)
            ])
    }

    /// `explanation` is one of our own, never the token's words.
    static func credentialRefused(
        reason: String, explanation: String, _ ignored: [IgnoredCredential]
    ) -> Refusal {
        let besides = ignored.isEmpty ? "" : " Besides, \(ignored.map(\.description).joined(separator: "; "))."
        return Refusal(
            401, reason, "No credential of the request verifies: \(explanation).\(besides)",
            headers: [
                ("WWW-Authenticate", #"Bearer error="invalid_token", error_description="\#(explanation)""#)
            ])
    }

    /// The reasons name files, so they are for the log alone.
    static let keysUnusable = Refusal(
        503, "keys",
        "This site's keys cannot be used, so that no credential can be verified. Its log says why; nothing was recorded.",
        headers: [("Retry-After", "60")])

    static let sessionUnavailable = Refusal(
        503, "session-unavailable", "The request's session cannot be verified right now. Try again.",
        headers: [("Retry-After", "2")])

    static func notForwarded(_ fate: ForwardingFate?) -> Refusal? {
        switch fate {
        case nil, .durable: nil
        case .tooManyInFlight: unavailable("in-flight", "Too many requests are in flight.", retryAfterSeconds: 1)
        case .aggregatorAway:
            unavailable("aggregator-away", "It cannot be recorded now.", retryAfterSeconds: 2)
        case .deadlinePassed:
            unavailable("deadline", "It was not known to be recorded in time.", retryAfterSeconds: 2)
        case .journalFull:
            unavailable("journal-full", "It cannot be stored now.", retryAfterSeconds: 10)
        }
    }

    private static func unavailable(_ reason: String, _ message: String, retryAfterSeconds: Int) -> Refusal {
        Refusal(
            503, reason, "\(message) Try again; a retry counts once.",
            headers: [("Retry-After", "\(retryAfterSeconds)")])
    }
}

extension String {
    /// The text fit for an answer or a log line: control characters as `\u{1b}`, and cut where it is long.
    func escaped(charactersMax: Int = 120) -> String {
        var result = ""
        for scalar in unicodeScalars.prefix(charactersMax) {
            if scalar.isControl {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.count > charactersMax ? result + "…" : result
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1 controls, and the separators that end a line too.
    var isControl: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }
}
