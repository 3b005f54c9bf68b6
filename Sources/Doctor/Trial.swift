import ConfigurationFile
import Credentials
import FoundationEssentials
import Glibc
import HTTPRequests

/// A server block at one of the places where it listens.
struct TrialEndpoint {
    let text: String
    let listen: NginxListen
    /// What the request line's and the certificate's host is.
    let host: String

    private static let timeoutSeconds = 6
    private static let answerBytesMax = 1 << 20

    func request(_ path: String) -> HTTPRequest {
        let scheme = listen.isTLS ? "https" : "http"
        var (port, socket): (Int, String?) = (listen.isTLS ? 443 : 80, nil)
        switch listen.place {
        case .address(_, let number): port = number
        case .socket(let path): socket = path
        }
        var request = HTTPRequest(
            url: "\(scheme)://\(host):\(port)\(path)", socket: socket, method: "POST",
            timeoutSeconds: Self.timeoutSeconds, answerBytesMax: Self.answerBytesMax)
        request.headers.add("Content-Type", "application/json")
        request.headers.add("X-Rule-Outcomes-Dry-Run", "1")
        // What calls itself by no name, or by a tool's, is kept out of many a site.
        request.headers.add("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
        return request
    }

    /// A client that goes to this machine, whatever the name's address is, and does not mind whom a certificate is for: a
    /// proxy in front may have the one that browsers see.
    var client: HTTPClient {
        var options = HTTPClient.Options()
        options.address = listen.hostToAsk
        options.verifiesCertificates = false
        return HTTPClient(options)
    }
}

/// Requests to one place, and what their answers mean.
struct Trial {
    private struct Told: Decodable {
        let site: String
        let credential: String?
        let notes: [String]
    }

    private enum Presented: Equatable {
        /// And why.
        case nothing(String)
        case token, session
    }

    let endpoint: TrialEndpoint
    /// What the server block stands for; nil where that is not known beforehand.
    let site: SiteConfiguration?
    let siteName: String?
    /// Whether a plain request may be sent on to TLS, where the endpoint is as well.
    let redirectsToTLS: Bool

    private static let conversionBody = "{\"ruleId\":\"doctor\",\"outcomeId\":\"doctor\",\"conversion\":\"DOCTOR\"}"
    private static let exposureBody = "{\"ruleId\":\"doctor\",\"outcomeId\":\"doctor\"}"

    func conversion() async -> Finding {
        await ask(
            NginxServer.conversions, Self.conversionBody, isRequired: site.map { $0.credentialsRequired != .never })
    }

    func exposure() async -> Finding {
        await ask(NginxServer.exposures, Self.exposureBody, isRequired: site.map { $0.credentialsRequired == .always })
    }

    /// A session that nobody has, which shows whether anybody is asked.
    func session() async -> Finding {
        await ask(NginxServer.conversions, Self.conversionBody, session: "rule-outcomes-doctor", isRequired: true)
    }

    /// Whether there is no use in asking any further.
    func isHopeless(_ finding: Finding) -> Bool {
        finding.judgement == .error && finding.fact.contains("gives no answer")
    }

    // MARK: Asking

    /// A header with a token that the site takes, or why there is none.
    private func token() -> (header: (name: String, value: String)?, reason: String) {
        guard let site else { return (nil, "which site it is, a pattern decides") }
        let token: String
        do throws(TokenMintingError) {
            token = try TokenMinting(site: site).token(
                subject: "rule-outcomes-doctor", issuedAtSeconds: Int64(time(nil)), lifetimeSeconds: 60)
        } catch {
            return (nil, "\(error)")
        }
        let headers: [(CredentialScheme, String, String)] = [
            (.bearer, "Authorization", "Bearer \(token)"), (.zephrHeader, "X-Zephr-Jwt", token),
            (.blaizeHeader, "X-Blaize-Jwt", token), (.cookie, "Cookie", "blaize_jwt=\(token)"),
        ]
        guard let header = headers.first(where: { site.credentialsAccepted.contains($0.0) }) else {
            return (nil, "the site takes tokens in the query alone, which ends up in logs")
        }
        return ((header.1, header.2), "")
    }

    /// - Parameter session: a session to present, in place of a token.
    private func ask(_ path: String, _ body: String, session: String? = nil, isRequired: Bool?) async -> Finding {
        let what = "\(path.split(separator: "/").last ?? "") of \(endpoint.text)"
        var request = endpoint.request(path)
        request.body = Array(body.utf8)
        // Of another visitor each time: nginx keeps a rate for each.
        request.headers.add("Cookie", "blaize_tracking_id=rule-outcomes-doctor-\(UInt64.random(in: 0 ..< 1 << 48))")
        var presented = Presented.session
        var secret: String?
        if let session {
            request.headers.add("Cookie", "blaize_session=\(session)")
        } else if isRequired == false {
            presented = .nothing("none is required")
        } else {
            let (header, reason) = token()
            presented = header == nil ? .nothing(reason) : .token
            if let header { request.headers.add(header.name, header.value) }
            secret = header?.value.split(separator: " ").last.map(String.init)
        }
        if let origin { request.headers.add("Origin", origin) }
        do {
            let response = try await endpoint.client.send(request)
            return judge(TrialAnswer(response, hiding: secret), what, presented, isRequired: isRequired)
        } catch {
            let isNobody = error.systemError != nil
            return Finding(
                .endpoint, .error, "\(what) gives no answer: \(error)",
                remedy: isNobody
                    ? "is nginx running, and listening there?" : "see what answers there, and whether it hangs")
        }
    }

    /// One of the site's, of this very name where there is one.
    private var origin: String? {
        guard case .list(let origins)? = site?.origins else { return nil }
        let usable = origins.subtracting(["null"]).sorted()
        return usable.first { $0.hasSuffix("://\(endpoint.host)") } ?? usable.first
    }

    // MARK: What came

    private func judge(
        _ answer: TrialAnswer, _ what: String, _ presented: Presented, isRequired: Bool?
    ) -> Finding {
        let said = "\(what) answers \(answer.status)\(answer.line)"
        switch answer.status {
        case 200: return passed(answer, what, said, presented)
        case 204: return excluded(answer, what)
        case 401 where presented == .session && answer.isResponders && answer.line.contains("session"):
            return Finding(.endpoint, .fine, "\(what) asks what a session is worth, and refuses one that nobody has")
        case 401 where answer.isResponders && isRequired != false:
            guard case .nothing(let reason) = presented else { break }
            return Finding(
                .endpoint, .note, "\(what) wants a credential, and there is none to try it with: \(reason)",
                remedy: "try it with a visitor's own session, or a token of who issues them")
        case 301, 302, 303, 307, 308:
            guard let target = answer.location, target.hasPrefix("https://"), !endpoint.listen.isTLS, redirectsToTLS
            else {
                return Finding(
                    .endpoint, .error, "\(said), to \(answer.location ?? "nowhere")",
                    remedy:
                        "a page's POST does not follow it: see which rewrite, `return` or location comes before the endpoint"
                )
            }
            return Finding(.endpoint, .fine, "\(what) sends visitors on to https")
        case 403 where answer.isResponders:
            return Finding(.endpoint, .error, said, remedy: "the site's origins in config.yaml decide")
        case 404 where answer.isResponders:
            return Finding(.endpoint, .error, said, remedy: "`analytics` and the paths of config.yaml's sites decide")
        case 429: return Finding(.endpoint, .warning, said, remedy: "this machine is over its rate: ask again later")
        case 502, 503, 504:
            return Finding(
                .endpoint, .error, said, remedy: "Operations, Everything answers 503, says what each text means")
        default: break
        }
        guard answer.isResponders else {
            return Finding(
                .endpoint, .error, "\(said), which is not the responder's answer",
                remedy:
                    "was nginx reloaded after the last change (systemctl reload nginx)? Otherwise a rewrite, another "
                    + "location or a filter comes before the endpoint")
        }
        return Finding(.endpoint, .error, said, remedy: "Operations, At 3 a.m., goes through the answers")
    }

    private func passed(_ answer: TrialAnswer, _ what: String, _ said: String, _ presented: Presented) -> Finding {
        guard let told = try? JSONDecoder().decode(Told.self, from: Data(answer.body)) else {
            return Finding(
                .endpoint, .error, "\(said), which is not the responder's answer",
                remedy: "something else has this address: see which location comes before the endpoint")
        }
        if let siteName, told.site != siteName {
            return Finding(
                .endpoint, .error, "\(what) is answered for the site '\(told.site)', not '\(siteName)'",
                remedy: "another server block takes its requests: see which names and addresses they share")
        }
        if presented == .session, told.credential == CredentialScheme.session.rawValue {
            return Finding(
                .endpoint, .error, "\(what) lets a session in that nobody has",
                remedy: "whoever session.conf has nginx ask says yes to everything, so that visitors can be made up")
        }
        let credential = told.credential.map { "by \($0)" } ?? "without a credential"
        let fact = "\(what) would record: site '\(told.site)', let in \(credential)"
        guard told.notes.isEmpty || told.credential == nil else {
            return Finding(.endpoint, .note, fact, remedy: told.notes.joined(separator: "; "))
        }
        return Finding(.endpoint, .fine, fact)
    }

    private func excluded(_ answer: TrialAnswer, _ what: String) -> Finding {
        guard let reason = answer.excluded else {
            return Finding(
                .endpoint, .error, "\(what) answers 204, which is not the responder's answer",
                remedy: "something else has this address: see which location comes before the endpoint")
        }
        // What http.conf itself may say of a request like this one, where its reader has decided so.
        let isDecided = ["staff", "no-consent"].contains(reason)
        return Finding(
            .endpoint, isDecided ? .note : .warning, "\(what) does not count this request: \(reason)",
            remedy: "http.conf, section 4, says who is not counted; what lies behind it was not tried")
    }
}

/// What came back, as far as it may be shown.
struct TrialAnswer {
    let status: Int
    let body: [UInt8]
    /// The first line of a short text, with a colon in front; empty for a page.
    let line: String
    let location: String?
    /// Why the request is not counted.
    let excluded: String?
    /// Whether it is a text as the responder, or nginx in its place, writes it.
    let isResponders: Bool

    private static let charactersMax = 200

    init(_ response: HTTPResponse, hiding secret: String?) {
        status = response.status
        body = response.body
        location = response.headers.first(name: "Location").map { String($0.prefix(Self.charactersMax)) }
        excluded = response.headers.first(name: "X-Rule-Outcomes-Excluded").map {
            String($0.prefix(Self.charactersMax))
        }
        let kind = response.headers.first(name: "Content-Type")?.lowercased() ?? ""
        isResponders =
            kind.hasPrefix("text/plain")
            && response.headers.first(name: "X-Content-Type-Options")?.lowercased() == "nosniff"
        let first = response.body.split(whereSeparator: { [10, 13].contains($0) }).first ?? []
        var text = String(decoding: first, as: UTF8.self)
        if let secret { text = text.replacing(secret, with: "…") }
        line = kind.hasPrefix("text/plain") && !text.isEmpty ? ": \(text.prefix(Self.charactersMax))" : ""
    }
}
