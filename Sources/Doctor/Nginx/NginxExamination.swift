import ConfigurationFile

/// What is right and wrong with nginx's side, as far as its configuration says.
struct NginxExamination {
    let nginx: NginxConfiguration
    let configuration: Configuration
    let sockets: ResponderSockets
    /// How many files a worker may have open; nil where that is not known.
    let filesMax: Int?

    var findings: [Finding] {
        guard nginx.upstream("rule_outcomes") != nil else { return [Self.withoutDecisions] }
        guard !nginx.endpoints.isEmpty else { return [Self.withoutEndpoint] + socketFindings }
        return socketFindings + nginx.endpoints.flatMap(endpoint) + strangers + unusedSites + addresses + connections
            + caches
            + [exposures, analytics].compactMap(\.self) + kept
    }

    private static let withoutDecisions = Finding(
        .nginx, .error, "nginx's http block does not include rule-outcomes/http.conf",
        remedy: "echo 'include rule-outcomes/http.conf;' > /etc/nginx/conf.d/rule-outcomes.conf")

    private static let withoutEndpoint = Finding(
        .nginx, .error, "no server block of nginx's has the endpoint",
        remedy: "put `include rule-outcomes/conversions.conf;` into the server block of your site, not into a location")

    // MARK: A server block with the endpoint

    private func endpoint(_ server: NginxServer) -> [Finding] {
        var findings = [Finding(.nginx, .fine, "\(server.title) has the endpoint")]
        for name in ["return", "rewrite", "if"] {
            guard let found = server.directive.first(name) else { continue }
            findings.append(
                Finding(
                    .nginx, .note, "\(server.title) has `\(name)` at \(found.place), which comes before every location",
                    remedy: "the request to the endpoint, below, says whether it catches that"))
        }
        return findings + site(of: server) + logs(of: server)
    }

    private func site(of server: NginxServer) -> [Finding] {
        guard let name = nginx.site(of: server) else {
            return [
                Finding(
                    .nginx, .note, "which site \(server.title) is, a pattern decides ($oc_site in http.conf)",
                    remedy: "the request to the endpoint, below, says which")
            ]
        }
        guard let site = configuration.sites[name] else {
            let sites = configuration.sites.keys.sorted().joined(separator: ", ")
            return [
                Finding(
                    .nginx, .error, "\(server.title) stands for the site '\(name)', which config.yaml lacks",
                    remedy: "name one of its sites (\(sites)) for it in http.conf, section 2, or add the site")
            ]
        }
        return origins(of: server, site, called: name) + sessions(of: server, site, called: name)
    }

    /// A page's own origin has to be listed, too: browsers name it with every POST.
    private func origins(of server: NginxServer, _ site: SiteConfiguration, called name: String) -> [Finding] {
        guard case .list(let origins) = site.origins else { return [] }
        guard !origins.isEmpty else {
            return [
                Finding(
                    .nginx, .warning, "site '\(name)' lists no origin, so that no page may call",
                    remedy: "put your site's into its origins in config.yaml: the scheme and host that browsers show")
            ]
        }
        let hosts = origins.compactMap { origin in
            origin.firstRange(of: "://").map { String(origin[$0.upperBound...].prefix { $0 != ":" }) }
        }
        return server.exactNames.filter { !hosts.contains($0) }.map { host in
            Finding(
                .nginx, .warning, "site '\(name)' lists no origin of \(host), whose pages would be answered 403",
                remedy: "add https://\(host) to its origins in config.yaml, unless browsers show another name")
        }
    }

    private func sessions(of server: NginxServer, _ site: SiteConfiguration, called name: String) -> [Finding] {
        let accepts = site.session == .nginx && site.credentialsAccepted.contains(.session)
        guard server.asksAboutSessions else {
            guard accepts else { return [] }
            // Where nothing else lets anybody in, nothing is recorded.
            let isNeeded = site.jwt == nil && site.credentialsRequired != .never
            return [
                Finding(
                    .nginx, isNeeded ? .error : .note,
                    "site '\(name)' believes nginx about sessions, and \(server.title) asks nobody about them",
                    remedy: "include rule-outcomes/conversions-with-sessions.conf there, in place of conversions.conf"
                        + (isNeeded ? "" : ", where pages send their visitors' sessions, as Zephr's do"))
            ]
        }
        guard accepts else {
            return [
                Finding(
                    .nginx, .warning,
                    "\(server.title) asks about sessions, and site '\(name)' does not look at the answer",
                    remedy: "set `session: nginx` for the site, or include conversions.conf in place of "
                        + "conversions-with-sessions.conf")
            ]
        }
        guard nginx.map("$oc_zephr")?.value(of: server.primaryName) == "" else { return [] }
        return [
            Finding(
                .nginx, .error,
                "\(server.title) is to ask Zephr about sessions, and http.conf does not say by which name",
                remedy: "name it in http.conf, section 6: TENANT-SITE.cdn.zephr.com")
        ]
    }

    // MARK: Logs

    /// What a log may hold of the endpoint's requests, and had better not.
    private static let confided = [
        "$request", "$request_uri", "$args", "$query_string", "$arg_jwt", "$http_authorization", "$http_cookie",
        "$http_x_blaize_jwt", "$http_x_zephr_jwt", "$http_referer", "$cookie_blaize_session", "$cookie_blaize_jwt",
        "$cookie_blaize_tracking_id", "$request_body", "$remote_addr", "$binary_remote_addr", "$http_x_forwarded_for",
    ]
    /// nginx's own format, which it takes where a log names none.
    private static let combined = "$remote_addr - $remote_user [$time_local] \"$request\" \"$http_referer\""

    private func logs(of server: NginxServer) -> [Finding] {
        let locations = [NginxServer.conversions, NginxServer.exposures].compactMap(server.location)
        var told: Set<String> = []
        return locations.flatMap { location in
            accessLogs(location, server).compactMap { log in
                let name = log.format
                guard told.insert("\(log.target) \(name)").inserted, log.target != "off" else { return nil }
                let found = Self.confided.filter { Self.mentions($0, in: format(name)) }
                guard !found.isEmpty else { return nil }
                return Finding(
                    .nginx, .warning,
                    "the endpoint's log \(log.target) has \(found.joined(separator: ", ")), by the format \(name)",
                    remedy: "tokens, tracking ids and addresses do not belong there; use the format rule_outcomes")
            } + errorLog(location, server, &told)
        }
    }

    /// Those of the location, or else those that it inherits.
    private func accessLogs(_ location: NginxDirective, _ server: NginxServer) -> [(target: String, format: String)] {
        let blocks = [location, server.directive, nginx.http].compactMap(\.self)
        let lines = blocks.lazy.map { $0.all("access_log") }.first { !$0.isEmpty }
        guard let lines else { return [("logs/access.log", "combined")] }
        return lines.map { line in
            (line.arguments.first ?? "", line.arguments.dropFirst().first { !$0.contains("=") } ?? "combined")
        }
    }

    /// At any level below emerg nginx's error log has a line with the address, the query and the Referer for each request that a
    /// client or a responder fails.
    private func errorLog(
        _ location: NginxDirective, _ server: NginxServer, _ told: inout Set<String>
    ) -> [Finding] {
        let blocks = [location, server.directive, nginx.http, nginx.root].compactMap(\.self)
        let line = blocks.lazy.compactMap { $0.first("error_log") }.first
        let level = line.flatMap { $0.arguments.count > 1 ? $0.arguments.last : nil } ?? "error"
        guard level != "emerg", told.insert("error_log \(level)").inserted else { return [] }
        return [
            Finding(
                .nginx, .warning, "nginx's error log for the endpoint takes lines of the level \(level)",
                remedy:
                    "each request that fails leaves one, with address and query; `emerg` in responder.conf keeps them out"
            )
        ]
    }

    private func format(_ name: String) -> String {
        guard let format = nginx.http?.all("log_format").first(where: { $0.arguments.first == name }) else {
            return name == "combined" ? Self.combined : ""
        }
        return format.arguments.dropFirst().joined()
    }

    /// Whether the format has that variable, and not only one whose name begins so.
    private static func mentions(_ variable: String, in format: String) -> Bool {
        let braced = "${\(variable.dropFirst())}"
        return format.contains(braced)
            || format.ranges(of: variable).contains { range in
                let next = format[range.upperBound...].first
                return next.map { !($0.isLetter || $0.isNumber || $0 == "_") } ?? true
            }
    }

    // MARK: Server blocks without the endpoint, and sites without a server block

    private var strangers: [Finding] {
        let names = Set(nginx.endpoints.flatMap(\.names)).subtracting(["", "_"])
        return nginx.servers.filter { !$0.hasEndpoint && !$0.servesNothing }.compactMap { server in
            guard let name = server.names.first(where: names.contains) else { return nil }
            return Finding(
                .nginx, .warning, "\(server.title) serves \(name), too, and does not have the endpoint",
                remedy: "include the same line there, unless its pages call none")
        }
    }

    private var unusedSites: [Finding] {
        let sites = nginx.endpoints.map(nginx.site)
        // Where a pattern decides, any may be meant.
        guard !sites.contains(nil) else { return [] }
        return configuration.sites.keys.filter { !sites.contains($0) }.sorted().map { name in
            Finding(
                .nginx, .note, "no server block with the endpoint stands for the site '\(name)' of config.yaml",
                remedy: "map a server's name to it in http.conf, section 2, unless another nginx does")
        }
    }

    // MARK: Sockets

    private var socketFindings: [Finding] {
        let responder = nginx.upstream("rule_outcomes")?.map(\.address) ?? []
        return responderSocket(responder) + exposureSocket
    }

    private func responderSocket(_ addresses: [String]) -> [Finding] {
        let wanted: String? =
            switch configuration.responder.listen {
            case .unix(let path): "unix:\(path)"
            case .tcp(let address, let port): "\(address):\(port)"
            case .inherited: sockets.requests.map { "unix:\($0)" }
            }
        guard let wanted else { return [] }
        guard !addresses.contains(where: { Self.isSame($0, wanted) }) else {
            return [Finding(.nginx, .fine, "nginx and the responder mean the same socket, \(wanted)")]
        }
        return [
            Finding(
                .nginx, .error,
                "nginx passes requests to \(addresses.joined(separator: ", ")), and the responder listens on \(wanted)",
                remedy: "name \(wanted) in http.conf, section 1, or the other in responder.listen")
        ]
    }

    /// Whether both lead to one place, as far as their texts and the file system tell.
    static func isSame(_ left: String, _ right: String) -> Bool {
        let unix = "unix:"
        if left.hasPrefix(unix), right.hasPrefix(unix) {
            return FileFacts.isSame(String(left.dropFirst(unix.count)), String(right.dropFirst(unix.count)))
        }
        let local = { (text: String) in
            text.replacing("localhost:", with: "127.0.0.1:").replacing("0.0.0.0:", with: "127.0.0.1:")
        }
        return local(left) == local(right)
    }

    private var exposureSocket: [Finding] {
        let logs = nginx.endpoints.flatMap { server in
            server.directive.all("location").flatMap { $0.all("access_log") }
        }
        let targets = Set(logs.compactMap { $0.arguments.first.flatMap(Self.syslogSocket) }).sorted()
        guard let wanted = sockets.exposures else {
            // With sockets of somebody else's, nobody here knows.
            return targets.isEmpty || configuration.responder.listen == .inherited
                ? []
                : [
                    Finding(
                        .nginx, .warning,
                        "nginx tells \(targets[0]) of what it refuses, and responder.exposureSocket is not set",
                        remedy:
                            "set responder.exposureSocket: \(targets[0]); until then each is a line in nginx's error log"
                    )
                ]
        }
        return targets.filter { !FileFacts.isSame($0, wanted) }.map { target in
            Finding(
                .nginx, .error, "nginx tells \(target) of exposures, and the responder listens on \(wanted)",
                remedy: "set responder.exposureSocket: \(target)")
        }
    }

    static func syslogSocket(_ target: String) -> String? {
        let prefix = "syslog:server=unix:"
        guard target.hasPrefix(prefix) else { return nil }
        return String(target.dropFirst(prefix.count).prefix { $0 != "," })
    }
}
