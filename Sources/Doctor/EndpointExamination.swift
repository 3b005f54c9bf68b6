import ConfigurationFile

/// Asks the endpoint of each server block as a page would, with the header that has nothing recorded.
struct EndpointExamination {
    let nginx: NginxConfiguration
    let configuration: Configuration

    /// How many places are asked at once, and at most.
    private static let (atOnce, placesMax) = (8, 200)

    private struct Place {
        let server: NginxServer
        let listen: NginxListen
        let isDefault: Bool
    }

    func findings() async -> [Finding] {
        let places = NginxPlaces(nginx.servers)
        let all = nginx.endpoints.flatMap { server in
            places.of(server).map {
                Place(server: server, listen: $0, isDefault: places.isDefault(server, at: $0))
            }
        }
        let hasTLS = all.contains { $0.listen.isTLS }
        var findings: [Finding] = []
        var rest = all.prefix(Self.placesMax)
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.atOnce))
            rest = rest.dropFirst(some.count)
            let found = await withTaskGroup(of: (Int, [Finding]).self) { group in
                for (index, place) in some.enumerated() {
                    group.addTask { (index, await ask(place, redirectsToTLS: hasTLS)) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            findings += found.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
        if all.count > Self.placesMax {
            findings.append(
                Finding(.endpoint, .note, "of \(all.count) places where the endpoint is, \(Self.placesMax) were asked"))
        }
        return findings
    }

    private func ask(_ place: Place, redirectsToTLS: Bool) async -> [Finding] {
        let (server, listen) = (place.server, place.listen)
        let text = "\(server.title) at \(listen.text)"
        guard !listen.wantsProxyProtocol else {
            return [
                Finding(
                    .endpoint, .note, "\(text) was not asked: it takes the proxy protocol",
                    remedy: "try it from outside, with the header X-Rule-Outcomes-Dry-Run: 1")
            ]
        }
        guard let host = server.nameToAsk ?? (place.isDefault ? listen.hostToAsk ?? "localhost" : nil) else {
            return [
                Finding(
                    .endpoint, .note, "\(text) was not asked: only patterns lead to it",
                    remedy: "try a name of it, with the header X-Rule-Outcomes-Dry-Run: 1")
            ]
        }
        let name = nginx.site(of: server)
        let trial = Trial(
            endpoint: TrialEndpoint(text: text, listen: listen, host: host),
            site: name.flatMap { configuration.sites[$0] }, siteName: name, redirectsToTLS: redirectsToTLS)
        var findings = [await trial.conversion()]
        guard !trial.isHopeless(findings[0]) else { return findings }
        findings.append(await trial.exposure())
        if server.asksAboutSessions, let site = trial.site, site.session == .nginx,
            site.credentialsAccepted.contains(.session)
        {
            findings.append(await trial.session())
        }
        return findings
    }
}
