import ConfigurationFile

extension NginxExamination {
    /// Whose address a visitor's is.
    var addresses: [Finding] {
        nginx.endpoints.map { server in
            let blocks = [server.directive, nginx.http].compactMap(\.self)
            let trusted = blocks.lazy.map { $0.all("set_real_ip_from") }.first { !$0.isEmpty } ?? []
            if let all = trusted.first(where: { ["0.0.0.0/0", "::/0"].contains($0.arguments.first) }) {
                return Finding(
                    .nginx, .warning,
                    "\(server.title) believes anybody's word about the visitor's address (\(all.place))",
                    remedy:
                        "name your CDN's addresses alone in set_real_ip_from; as it is, rates and the counts' readers are "
                        + "whoever a request says it is")
            }
            guard trusted.isEmpty else {
                return Finding(
                    .nginx, .fine,
                    "the visitor's address comes from those in front of nginx, in \(trusted.count) networks")
            }
            return Finding(
                .nginx, .note, "who connects to nginx is taken for the visitor",
                remedy:
                    "right where browsers connect to this nginx; behind a CDN or load balancer all visitors share the "
                    + "rate of one until set_real_ip_from and real_ip_header say so")
        }
    }

    private static let connectionsDefault = 512

    /// What the endpoint may take of nginx's connections.
    var connections: [Finding] {
        let events = nginx.root.first("events")
        let workers =
            events?.first("worker_connections")?.arguments.first.flatMap { Int($0) } ?? Self.connectionsDefault
        let servers = nginx.upstream("rule_outcomes") ?? []
        var findings: [Finding] = []
        let limits = servers.compactMap(\.connectionsMax)
        if limits.count < servers.count {
            findings.append(
                Finding(
                    .nginx, .warning, "a stalled aggregator may take all of nginx's connections: max_conns is missing",
                    remedy: "give each server of http.conf, section 1, max_conns=\(workers / 6 / max(servers.count, 1))"
                ))
        } else if limits.reduce(0, +) > workers / 6 {
            findings.append(
                Finding(
                    .nginx, .warning,
                    "\(limits.reduce(0, +)) requests may wait for the responder (max_conns), each of them two of \(workers) "
                        + "worker_connections",
                    remedy: "keep max_conns in http.conf, section 1, below \(workers / 6), or raise worker_connections")
            )
        }
        let perAddress = nginx.endpoints.flatMap { server in
            [NginxServer.conversions, NginxServer.exposures].compactMap(server.location)
        }.flatMap { $0.all("limit_conn") }.compactMap { $0.arguments.last.flatMap { Int($0) } }.max()
        if let perAddress, perAddress > workers / 4 {
            findings.append(
                Finding(
                    .nginx, .warning,
                    "one address may hold \(perAddress) of \(workers) worker_connections by sending slowly (limit_conn)",
                    remedy: "lower limit_conn in limits.conf and exposure-limits.conf, or raise worker_connections"))
        }
        if let filesMax, filesMax < workers {
            findings.append(
                Finding(
                    .nginx, .warning,
                    "a worker of nginx may have \(filesMax) files open, and \(workers) worker_connections",
                    remedy: "worker_rlimit_nofile \(workers * 2); beside worker_processes in nginx.conf"))
        }
        guard findings.isEmpty else { return findings }
        return [Finding(.nginx, .fine, "the endpoint takes no more than a third of \(workers) worker_connections")]
    }

    // MARK: Exposures

    private struct LoggingLocation {
        let server: NginxServer
        let location: NginxDirective
        /// Whether its pages come out of a cache of this nginx.
        let isCached: Bool
    }

    /// Where nginx tells the responder of exposures.
    private var loggingLocations: [LoggingLocation] {
        nginx.servers.flatMap { server in
            let outer = [nginx.http, server.directive].compactMap(\.self)
            return locations(in: server.directive, within: outer).compactMap { location, outer -> LoggingLocation? in
                guard location.all("access_log").contains(where: { $0.arguments.contains("rule_outcomes_exposures") })
                else { return nil }
                let cache = ["proxy", "fastcgi", "uwsgi", "scgi"].contains { kind in
                    guard location.first("\(kind)_pass") != nil else { return false }
                    // The innermost decides.
                    let line = ([location] + outer.reversed()).lazy.compactMap { $0.first("\(kind)_cache") }.first
                    return line.map { $0.arguments != ["off"] } ?? false
                }
                return LoggingLocation(server: server, location: location, isCached: cache)
            }
        }
    }

    private func locations(
        in block: NginxDirective, within outer: [NginxDirective]
    ) -> [(NginxDirective, outer: [NginxDirective])] {
        block.all("location").flatMap { [($0, outer)] + locations(in: $0, within: outer + [$0]) }
    }

    var exposures: Finding? {
        let count = loggingLocations.count
        guard count > 0 else {
            return Finding(
                .nginx, .note, "nginx tells of no exposures by itself",
                remedy: "rates need exposures: pages send them to the endpoint, or a location includes "
                    + "rule-outcomes/exposures.conf")
        }
        guard sockets.exposures != nil || configuration.responder.listen == .inherited else {
            return Finding(
                .nginx, .error,
                "nginx tells of exposures in \(count) locations, and responder.exposureSocket is not set",
                remedy: "set it to the socket that exposures.conf names")
        }
        return Finding(.nginx, .fine, "nginx tells of exposures in \(count) location\(count == 1 ? "" : "s")")
    }

    var caches: [Finding] {
        loggingLocations.filter(\.isCached).map { found in
            Finding(
                .nginx, .warning,
                "location \(found.location.arguments.joined(separator: " ")) of \(found.server.title) tells of exposures and "
                    + "has its pages cached (\(found.location.place))",
                remedy:
                    "from the cache all visitors get the outcome that the first one got; right only where outcomes have "
                    + "cache keys of their own")
        }
    }

    // MARK: Reading

    /// Who may read the counts through nginx.
    var analytics: Finding? {
        let readers = nginx.servers.filter { server in
            server.directive.all("location").contains { $0.arguments == ["^~", "/rule-outcomes/"] }
        }
        guard !readers.isEmpty else {
            return Finding(
                .nginx, .note, "no server block has the console",
                remedy:
                    "`include rule-outcomes/analytics.conf;` in one; who may read it, http.conf says in sections 3 and 7"
            )
        }
        let addresses = nginx.upstream("rule_outcomes_analytics")?.map(\.address) ?? []
        let socket = "unix:\(configuration.aggregator.analyticsSocket)"
        guard addresses.contains(where: { Self.isSame($0, socket) }) else {
            return Finding(
                .nginx, .error,
                "nginx reads the counts at \(addresses.joined(separator: ", ")), and the aggregator serves them at \(socket)",
                remedy: "name \(socket) in http.conf, section 7, or the other in aggregator.analyticsSocket")
        }
        guard let silent = readers.first(where: { nginx.map("$oc_readable")?.value(of: $0.primaryName) == "" }) else {
            return Finding(.nginx, .fine, "the console is at /rule-outcomes/console of \(readers[0].title)")
        }
        return Finding(
            .nginx, .warning, "\(silent.title) has the console, and may read no site",
            remedy: "name its sites for \(silent.primaryName) in http.conf, section 7")
    }

    /// Decisions of a later version that stand beside the ones that are kept.
    var kept: [Finding] {
        let directories = Set(nginx.files.filter { $0.hasSuffix("/http.conf") }.map { $0.dropLast("http.conf".count) })
        return directories.sorted().flatMap { directory in
            ["http.conf", "limits.conf", "exposure-limits.conf", "session.conf"].flatMap { name in
                ["new", "dpkg-dist", "ucf-dist"].map { "\(directory)\(name).\($0)" }.filter { FileFacts($0) != nil }
            }
        }.map { path in
            Finding(
                .nginx, .note, "\(path) is this version's, and yours was kept",
                remedy: "compare the two, take over what Operations (Upgrading) names, and remove it")
        }
    }
}
