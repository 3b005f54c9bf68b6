import ConfigurationFile
import Credentials
import FoundationEssentials
import Glibc
import HTTPRequests

/// Asks the endpoint of each server block as a page would, with the header that has nothing recorded.
struct EndpointExamination {
    let nginx: NginxConfiguration
    let configuration: Configuration

    private static let name = "rule-outcomes-doctor"
    private static let timeoutSeconds = 10

    func findings() async -> [Finding] {
        var findings: [Finding] = []
        for server in nginx.endpoints {
            for listen in Self.places(of: server) { findings += await ask(server, at: listen) }
        }
        return findings
    }

    /// One for each port, since the addresses of a port lead to the same server block.
    private static func places(of server: NginxServer) -> [NginxListen] {
        var ports: Set<Int> = []
        return server.listens.filter { listen in
            switch listen.place {
            case .address(_, let port): ports.insert(port).inserted
            case .socket: true
            }
        }
    }

    private func ask(_ server: NginxServer, at listen: NginxListen) async -> [Finding] {
        guard !listen.wantsProxyProtocol else {
            return [
                Finding(
                    .endpoint, .note, "\(server.title) at \(listen.text) was not asked: it takes the proxy protocol",
                    remedy: "try it from outside: docs/configuration.md, Trying a page out")
            ]
        }
        let place = EndpointPlace(server: server, listen: listen)
        let site = nginx.site(of: server)
        let trial = Trial(place: place, site: site.flatMap { configuration.sites[$0] }, siteName: site)
        var findings = [await trial.conversion(), await trial.exposure()]
        if server.asksAboutSessions, trial.site?.session == .nginx { findings.append(await trial.session()) }
        return findings
    }
}

/// A server block at one of the places where it listens.
private struct EndpointPlace {
    let server: NginxServer
    let listen: NginxListen

    var text: String { "\(server.title) at \(listen.text)" }

    /// What the request line's and the certificate's host is.
    private var host: String {
        if let name = server.nameToAsk { return name }
        if case .address(let host, _) = listen.place { return host }
        return "localhost"
    }

    func request(_ path: String) -> HTTPRequest {
        let scheme = listen.isTLS ? "https" : "http"
        var (port, socket): (Int, String?) = (listen.isTLS ? 443 : 80, nil)
        switch listen.place {
        case .address(_, let number): port = number
        case .socket(let path): socket = path
        }
        return HTTPRequest(
            url: "\(scheme)://\(host):\(port)\(path)", socket: socket, method: "POST", timeoutSeconds: 10,
            answerBytesMax: 64 * 1024)
    }

    /// A client that goes to this machine, whatever the name's address is, and does not mind whom a certificate is for: a
    /// proxy in front may have the one that browsers see.
    var client: HTTPClient {
        var options = HTTPClient.Options()
        if case .address(let host, _) = listen.place { options.address = host }
        options.verifiesCertificates = false
        return HTTPClient(options)
    }
}

/// Requests to one place, and what their answers mean.
private struct Trial {
    private struct Told: Decodable {
        let site: String
        let credential: String?
        let notes: [String]
    }

    private enum Presented {
        case nothing, token, session
    }

    let place: EndpointPlace
    /// What the server block stands for; nil where that is not known beforehand.
    let site: SiteConfiguration?
    let siteName: String?

    private static let visitor = "rule-outcomes-doctor"

    func conversion() async -> Finding {
        let token = token
        return await ask(
            NginxServer.conversions, body: "{\"ruleId\":\"doctor\",\"outcomeId\":\"doctor\",\"conversion\":\"DOCTOR\"}",
            token: token, presented: token == nil ? .nothing : .token,
            isRequired: site.map { $0.credentialsRequired != .never })
    }

    func exposure() async -> Finding {
        let isRequired = site.map { $0.credentialsRequired == .always }
        let token = isRequired == false ? nil : token
        return await ask(
            NginxServer.exposures, body: "{\"ruleId\":\"doctor\",\"outcomeId\":\"doctor\"}", token: token,
            presented: token == nil ? .nothing : .token, isRequired: isRequired)
    }

    /// A session that nobody has, which shows whether anybody is asked.
    func session() async -> Finding {
        await ask(
            NginxServer.conversions, body: "{\"ruleId\":\"doctor\",\"outcomeId\":\"doctor\",\"conversion\":\"DOCTOR\"}",
            cookie: "; blaize_session=rule-outcomes-doctor", presented: .session, isRequired: true)
    }

    /// One that the site takes in a header, where it has a shared secret to sign it with.
    private var token: (header: String, value: String)? {
        guard let site, let minting = try? TokenMinting(site: site),
            let token = try? minting.token(
                subject: Self.visitor, issuedAtSeconds: Int64(time(nil)), lifetimeSeconds: 60)
        else { return nil }
        if site.credentialsAccepted.contains(.bearer) { return ("Authorization", "Bearer \(token)") }
        if site.credentialsAccepted.contains(.zephrHeader) { return ("X-Zephr-Jwt", token) }
        if site.credentialsAccepted.contains(.blaizeHeader) { return ("X-Blaize-Jwt", token) }
        return nil
    }

    private func ask(
        _ path: String, body: String, token: (header: String, value: String)? = nil, cookie: String = "",
        presented: Presented, isRequired: Bool?
    ) async -> Finding {
        let door = path.split(separator: "/").last.map(String.init) ?? path
        let what = "\(door) of \(place.text)"
        var request = place.request(path)
        request.body = Array(body.utf8)
        request.headers.add("Content-Type", "application/json")
        request.headers.add("Cookie", "blaize_tracking_id=\(Self.visitor)\(cookie)")
        request.headers.add("X-Rule-Outcomes-Dry-Run", "1")
        if let token { request.headers.add(token.header, token.value) }
        if case .list(let origins)? = site?.origins, let origin = origins.subtracting(["null"]).min() {
            request.headers.add("Origin", origin)
        }
        do {
            let response = try await place.client.send(request)
            return judge(response, what, presented, isRequired: isRequired)
        } catch {
            return Finding(
                .endpoint, .error, "\(what) gives no answer: \(error)", remedy: "is nginx running, and listening there?"
            )
        }
    }

    private func judge(
        _ response: HTTPResponse, _ what: String, _ presented: Presented, isRequired: Bool?
    ) -> Finding {
        let line = String(decoding: response.body, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        let said = "\(what) answers \(response.status): \(line)"
        switch response.status {
        case 200: return passed(response, what, said)
        case 204:
            let reason = response.headers.first(name: "X-Rule-Outcomes-Excluded") ?? "?"
            return Finding(
                .endpoint, .warning, "\(what) does not count requests from this machine: \(reason)",
                remedy: "http.conf, section 4, says who is not counted; where this is meant, nothing is wrong")
        case 401 where presented == .session:
            return Finding(.endpoint, .fine, "\(what) asks what a session is worth, and refuses one that nobody has")
        case 401 where presented == .nothing && isRequired != false:
            return Finding(
                .endpoint, .note, "\(what) wants a credential, and there is none to try it with",
                remedy: "the site has no shared secret (jwt.secret); try it with a visitor's own session, or a token")
        case 403:
            return Finding(.endpoint, .error, said, remedy: "the site's origins in config.yaml decide")
        case 301, 302, 303, 307, 308, 404, 405:
            return Finding(
                .endpoint, .error,
                response.status < 400 || line.hasPrefix("<") ? "\(what) answers \(response.status)" : said,
                remedy:
                    "a rewrite, a redirect or another location comes before the endpoint, unless the answer says otherwise"
            )
        case 429: return Finding(.endpoint, .warning, said, remedy: "this machine is over its rate: ask again later")
        case 502, 503, 504:
            return Finding(
                .endpoint, .error, said, remedy: "Operations, Everything answers 503, says what each text means")
        default: return Finding(.endpoint, .error, said, remedy: "Operations, At 3 a.m., goes through the answers")
        }
    }

    private func passed(_ response: HTTPResponse, _ what: String, _ said: String) -> Finding {
        guard let told = try? JSONDecoder().decode(Told.self, from: Data(response.body)) else {
            return Finding(
                .endpoint, .error, said, remedy: "that is not the responder's answer: something else has this address")
        }
        if let siteName, told.site != siteName {
            return Finding(
                .endpoint, .error, "\(what) is answered for the site '\(told.site)', not '\(siteName)'",
                remedy: "another server block takes its requests: see which names and addresses they share")
        }
        let credential = told.credential.map { "by \($0)" } ?? "without a credential"
        let fact = "\(what) would record: site '\(told.site)', let in \(credential)"
        guard told.notes.isEmpty || told.credential == nil else {
            return Finding(.endpoint, .note, fact, remedy: told.notes.joined(separator: "; "))
        }
        return Finding(.endpoint, .fine, fact)
    }
}
