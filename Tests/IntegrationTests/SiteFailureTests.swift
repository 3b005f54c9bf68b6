import Foundation
import Testing

extension IntegrationTests {
    @Suite("Failure that stays small")
    struct SiteFailureTests {
        /// Each request of a load has a conversion name of its own, so that the report tells of each by itself.
        private static let manyNames = "conversionsPerOutcomeMax: 100000"

        @Test("with the aggregator stopped, conversions are 503 and pages are served; started again, all is as before")
        func aggregatorStopped() async throws {
            let site = try ForeignSite(aggregator: Self.manyNames)
            try await site.start()
            try await site.underLoad { load in
                try await load.acknowledged(atLeastMore: 200)
                site.deployment.aggregator?.signal(SIGTERM)
                #expect(await site.deployment.aggregator?.waitForExit() == 0)
                try await load.answered(503, atLeastMore: 50)
                try await site.expectPages(20)
                try await site.deployment.startAggregator()
                try await load.acknowledged(atLeastMore: 200)
            }
        }

        @Test(
            "with the aggregator stalled, pages are served before the first conversion is given up, and no more of its requests wait than may"
        )
        func aggregatorStalled() async throws {
            let site = try ForeignSite(aggregator: Self.manyNames)
            try await site.start()
            try await site.underLoad(concurrency: 600) { load in
                try await load.acknowledged(atLeastMore: 600)
                site.deployment.aggregator?.signal(SIGSTOP)
                // Beyond its limits nginx answers at once; those within them wait for the responder's two seconds.
                try await load.answered(503, atLeastMore: 300)
                // A hundred for each of two workers, and the socket itself.
                let sockets = try String(contentsOfFile: "/proc/net/unix", encoding: .utf8).split(separator: "\n")
                #expect(
                    (2...201).contains(sockets.count { $0.hasSuffix(site.deployment.path("responder.sock")) }))
                try await site.expectPages(20)
                site.deployment.aggregator?.signal(SIGCONT)
                try await load.acknowledged(atLeastMore: 600)
            }
            for complaint in ["worker_connections are not enough", "no live upstreams"] {
                #expect(site.nginx?.text.contains(complaint) == false)
            }
        }

        @Test("with a disk that takes a third of a second to sync, conversions wait for it and pages do not")
        func aggregatorSlow() async throws {
            let site = try ForeignSite(aggregator: Self.manyNames)
            try await site.deployment.startAggregator(tracedBy: [
                "-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=300000",
            ])
            try await site.startAllButAggregator()
            try await site.underLoad { load in
                try await site.expectPages(100)
                try await load.acknowledged(atLeastMore: 100)
            }
        }

        @Test("with the session backend dead, a token still gets its 201 and a session alone a 503 that says so")
        func sessionBackendDead() async throws {
            let site = try ForeignSite()
            try await site.start()
            site.backend?.signal(SIGTERM)
            _ = await site.backend?.waitForExit()
            try await site.expectTokensOnly()
            try await site.startBackend()
            // nginx asks a backend again ten seconds after it was given up.
            try await eventually("sessions count again") {
                try await site.send(ForeignSite.withSession()).status == 201
            }
        }

        @Test("with the session backend hung, nginx asks it no more after a few tries, and tokens get their 201")
        func sessionBackendHung() async throws {
            let site = try ForeignSite(errors: "error")
            try await site.start()
            #expect(try await site.send(ForeignSite.withSession()).status == 201)
            site.backend?.signalGroup(SIGSTOP)
            try await site.expectTokensOnly()
            // Once a worker has given up, the answer does not wait for the backend any more.
            try await eventually("nginx has given the backend up") {
                _ = try await site.send(ForeignSite.withSession())
                return try site.deployment.files()["rule-outcomes-error.log"]?.contains("no live upstreams") == true
            }
            try await site.expectPages(20)
            site.backend?.signalGroup(SIGCONT)
            try await eventually("sessions count again") {
                try await site.send(ForeignSite.withSession()).status == 201
            }
        }

        @Test(
            "a session backend that answers otherwise is one that nobody knows the answer of",
            arguments: [302, 404, 500])
        func sessionBackendOtherwise(status: Int) async throws {
            let site = try ForeignSite(backend: "return \(status);")
            try await site.start()
            try await site.expectTokensOnly()
        }

        @Test(
            "a responder killed, restarted and reloaded under load: nothing but 201, 429 and 503, and counts are exact")
        func responder() async throws {
            let site = try ForeignSite(aggregator: Self.manyNames)
            try await site.start()
            let deployment = site.deployment
            try await site.underLoad { load in
                for number in 1...3 {
                    try await load.acknowledged(atLeastMore: 100)
                    try await deployment.reload(deployment.responder, saying: "reloaded")
                    try await load.acknowledged(atLeastMore: 100)
                    deployment.responder?.signal(number == 2 ? SIGTERM : SIGKILL)
                    _ = await deployment.responder?.waitForExit()
                    try await site.expectPages(5)
                    try await deployment.startResponder()
                }
                try await load.acknowledged(atLeastMore: 100)
            }
        }

        @Test("of two responders one is killed: the other answers, and no conversion fails")
        func oneOfTwo() async throws {
            let site = try ForeignSite(
                aggregator: Self.manyNames,
                http: {
                    $0.replacing(
                        "#server unix:/run/rule-outcomes/responder-2.sock",
                        with: "server unix:/run/rule-outcomes/responder-2.sock")
                })
            try await site.start()
            let another = try await site.deployment.startAnotherResponder(socket: "responder-2.sock")
            defer { another.signal(SIGTERM) }
            let answers = try await site.underLoad { load in
                try await load.acknowledged(atLeastMore: 200)
                site.deployment.responder?.signal(SIGKILL)
                _ = await site.deployment.responder?.waitForExit()
                try await load.acknowledged(atLeastMore: 300)
            }
            #expect(Set(answers.values) == [201])
        }

        @Test("nginx reloaded under load: no conversion fails")
        func nginxReloaded() async throws {
            let site = try ForeignSite(aggregator: Self.manyNames)
            try await site.start()
            // Whoever keeps a connection may send on it just as nginx ends it, and has to send again.
            let answers = try await site.underLoad(keepingConnections: false) { load in
                for _ in 0..<3 {
                    try await load.acknowledged(atLeastMore: 100)
                    site.nginx?.signal(SIGHUP)
                }
                try await load.acknowledged(atLeastMore: 300)
            }
            #expect(Set(answers.values) == [201])
        }
    }
}

extension ForeignSite {
    /// Keeps conversions coming, each with a token and from a visitor and an address of its own, while `disturb` runs;
    /// then holds the answers against what may come out, and the report against the answers.
    @discardableResult
    func underLoad(
        concurrency: Int = 16, keepingConnections: Bool = true, _ disturb: (Load) async throws -> Void
    ) async throws -> [String: Int] {
        let (port, secret) = (securePort, deployment.secret)
        let load = Load { name, _ in
            let number = Int(name.split(separator: "-").last ?? "") ?? 0
            let request = ConversionRequest(
                cookie: "blaize_tracking_id=\(name)",
                headers: [("Authorization", "Bearer \(Tokens.hs256(secret: secret))")]
                    + (keepingConnections ? [] : [("Connection", "close")]),
                body: ConversionRequest.body(conversion: name))
            let address = "198.18.\(number / 250 % 250).\(number % 250)"
            return try await ForeignSite.send(
                request, to: "www.example.com", port: port, from: address, isLoad: true
            ).status
        }
        let sending = load.start(concurrency: concurrency)
        try await disturb(load)
        load.stop()
        await sending.value
        try await deployment.expectExactCounts(of: load.answers)
        #expect(Set(load.answers.values).isSubset(of: [201, 429, 503]), "\(Set(load.answers.values))")
        return load.answers
    }

    /// Asks for so many pages of both sites, one after the other.
    func expectPages(_ count: Int) async throws {
        for number in 0..<count {
            let name = Self.names[number % Self.names.count]
            #expect(try await send(Self.page, to: name).status == 200)
        }
    }

    /// With a token, or without any session, all is well; a session alone is 503.
    func expectTokensOnly() async throws {
        let token = withToken()
        let both = token.with { $0.cookie = "blaize_tracking_id=visitor; blaize_session=\(Self.validSession)" }
        for _ in 0..<5 {
            let alone = try await send(Self.withSession())
            #expect(alone.status == 503)
            #expect(alone.headers.first(name: "Retry-After") != nil)
            #expect(alone.body.contains("session"), "\(alone.body)")
            #expect(try await send(both).status == 201)
            #expect(try await send(token).status == 201)
        }
        try await expectPages(4)
    }
}
