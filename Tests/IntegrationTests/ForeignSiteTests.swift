import Foundation
import Testing

extension IntegrationTests {
    @Suite("At home in a foreign site")
    struct ForeignSiteTests {
        @Test("nginx finds nothing wrong with any of the files, each where it belongs", arguments: Nginx.allCases)
        func configurationTest(on version: Nginx) async throws {
            let site = try ForeignSite(version: version)
            var servers = ["conversions", "conversions-with-sessions", "analytics"].map {
                "include rule-outcomes/http.conf; server { listen 127.0.0.1:\(site.plainPort); "
                    + "include rule-outcomes/\($0).conf; }"
            }
            servers.append("include rule-outcomes/http.conf;")
            servers += ["proxy_pass http://127.0.0.1:1", "fastcgi_pass 127.0.0.1:1"].map {
                "include rule-outcomes/http.conf; server { listen 127.0.0.1:\(site.plainPort); "
                    + "location / { \($0); include rule-outcomes/exposures.conf; } }"
            }
            servers.append("include example.conf;")
            for http in servers {
                try await expectNothing(of: http, on: site)
            }
        }

        @Test("nginx finds nothing wrong with the files whichever modules it has", arguments: NginxModules.all)
        func modules(_ modules: NginxModules) async throws {
            let site = try ForeignSite()
            let http = """
                \(try modules.http)
                include rule-outcomes/http.conf;
                server {
                    listen 127.0.0.1:\(site.plainPort);
                    include rule-outcomes/conversions-with-sessions.conf;
                    include rule-outcomes/analytics.conf;
                    location / { proxy_pass http://127.0.0.1:1; include rule-outcomes/exposures.conf; }
                }
                """
            try await expectNothing(of: http, on: site, main: try modules.loading())
        }

        private func expectNothing(of http: String, on site: ForeignSite, main: String = "") async throws {
            let text = "\(main) pid test.pid; error_log stderr; events {} http { access_log off; \(http) }"
            try site.deployment.write(text, to: "nginx/test.conf")
            let result = try await site.version.test(
                site.deployment.path("nginx/test.conf"), in: site.deployment.directory.path,
                environment: main.isEmpty ? [:] : NginxModules.environment)
            #expect(result.status == 0, "\(http): \(result.text)")
            #expect(!result.text.contains("[warn]") && !result.text.contains("[emerg]"), "\(result.text)")
        }

        @Test(
            "over TLS and HTTP/2, each server name records for its own site, and pages are what they were",
            arguments: Nginx.allCases)
        func recording(on version: Nginx) async throws {
            let site = try ForeignSite(version: version)
            try await site.start()
            let answer = try await site.send(site.withToken())
            #expect(answer.status == 201)
            #expect(answer.version == .http2)
            #expect(answer.headers.first(name: "Strict-Transport-Security") == nil)
            #expect(try await site.send(site.withToken(), to: "magazine.example").status == 401)
            let magazine = ConversionRequest(
                cookie: "blaize_tracking_id=visitor",
                headers: [("X-Zephr-Jwt", Tokens.hs256(secret: ForeignSite.magazineSecret))])
            #expect(try await site.send(magazine, to: "magazine.example").status == 201)
            #expect(try await site.deployment.counts(site: "default").map(\.events) == [1])
            #expect(try await site.deployment.counts(site: "magazine").map(\.events) == [1])
            for name in ForeignSite.names {
                #expect(try await site.send(ForeignSite.page, to: name).body == "the front page of \(name)\n")
            }
            let redirect = try await ForeignSite.send(
                site.withToken(), to: "www.example.com", port: site.plainPort, from: "192.0.2.1", scheme: "http")
            #expect(redirect.status == 308)
        }

        @Test(
            "a page of a listed origin can read every answer, of the responder's own, and none of another's",
            arguments: Nginx.allCases)
        func crossOrigin(on version: Nginx) async throws {
            let site = try ForeignSite(version: version)
            try await site.start()
            let origin = "https://www.example.com"
            for request in [site.withToken(), site.withToken().with { $0.body = "{" }] {
                let answer = try await site.send(request.with { $0.headers.append(("Origin", origin)) })
                #expect(answer.headers["Access-Control-Allow-Origin"] == [origin])
                #expect(answer.headers["Vary"] == ["Origin"])
            }
            let preflight = ConversionRequest(method: "OPTIONS", headers: [("Origin", origin)])
            #expect(try await site.send(preflight).status == 204)
            let foreign = site.withToken().with { $0.headers.append(("Origin", "https://evil.example")) }
            #expect(try await site.send(foreign).status == 403)
        }

        @Test(
            "nginx asks the site's own backend what a session is worth, and nobody where there is nothing to ask",
            arguments: Nginx.allCases)
        func sessions(on version: Nginx) async throws {
            let site = try ForeignSite(version: version)
            try await site.start()
            #expect(try await site.send(ForeignSite.withSession()).status == 201)
            let refused = try await site.send(ForeignSite.withSession("made-up"))
            #expect(refused.status == 401)
            #expect(refused.headers.first(name: "WWW-Authenticate")?.hasPrefix("Bearer ") == true)
            #expect(try await site.send(site.withToken()).status == 201)
            let both = site.withToken().with { $0.cookie = "blaize_tracking_id=v; blaize_session=made-up" }
            #expect(try await site.send(both).status == 201)
            // A session answer that a client makes up counts for nothing.
            let forged = ForeignSite.withSession("made-up").with {
                $0.headers = [("SESSION_ANSWER", "verified"), ("Session-Answer", "verified")]
            }
            #expect(try await site.send(forged).status == 401)
            #expect(try await site.send(ForeignSite.page.with { $0.path = "/rule-outcomes/session" }).status == 404)
            // nginx writes a line once the answer has left.
            var asked: [Substring] = []
            try await eventually("the last question is logged") {
                let log = try String(contentsOfFile: site.deployment.path("backend-access.log"), encoding: .utf8)
                asked = log.split(separator: "\n")
                return asked.count >= 4
            }
            #expect(asked.count == 4, "\(asked)")
        }

        @Test(
            "an address that asks too often is 429 and told when to come back, and others are not",
            arguments: Nginx.allCases)
        func rateByAddress(on version: Nginx) async throws {
            let site = try ForeignSite(
                version: version,
                http: {
                    $0.replacing(
                        "zone=rule_outcomes_address:4m rate=20r/s", with: "zone=rule_outcomes_address:4m rate=1r/m")
                })
            try await site.start()
            var statuses: [Int: Int] = [:]
            for number in 0..<230 {
                let answer = try await site.send(site.withToken(visitor: "v\(number)"), from: "192.0.2.7")
                statuses[answer.status, default: 0] += 1
                if answer.status == 429 { #expect(answer.headers.first(name: "Retry-After") == "2") }
            }
            #expect(Set(statuses.keys) == [201, 429])
            // The burst, and what a slow run gives back meanwhile.
            #expect((200...205).contains(statuses[201] ?? 0), "\(statuses)")
            #expect(try await site.send(site.withToken(), from: "192.0.2.8").status == 201)
            #expect(try await site.send(ForeignSite.page, from: "192.0.2.7").status == 200)
        }

        @Test("a visitor who converts without end is 429, whichever addresses it comes from", arguments: Nginx.allCases)
        func rateByCookie(on version: Nginx) async throws {
            let site = try ForeignSite(
                version: version,
                http: {
                    $0.replacing(
                        "zone=rule_outcomes_visitor:4m rate=1r/s", with: "zone=rule_outcomes_visitor:4m rate=1r/m")
                })
            try await site.start()
            var statuses: [Int: Int] = [:]
            for number in 0..<30 {
                let answer = try await site.send(site.withToken(visitor: "same"), from: "192.0.2.\(number + 1)")
                statuses[answer.status, default: 0] += 1
            }
            #expect(Set(statuses.keys) == [201, 429])
            #expect((20...23).contains(statuses[201] ?? 0), "\(statuses)")
            #expect(try await site.send(site.withToken(visitor: "another"), from: "192.0.2.1").status == 201)
        }

        @Test(
            "bots, staff and visitors without consent are 204, not counted, and told apart in the status",
            arguments: Nginx.allCases)
        func exclusions(on version: Nginx) async throws {
            let site = try ForeignSite(
                version: version,
                http: {
                    $0.replacing("#192.0.2.0/24 \"staff reader\";", with: "203.0.113.0/24 \"staff reader\";")
                        .replacing(/#(.*) no-consent;/) { "\($0.1) no-consent;" }
                })
            try await site.start()
            let consenting = "; OptanonConsent=groups=C0001%3A1%2CC0002%3A1"
            let agreed = site.withToken().with { $0.cookie = ($0.cookie ?? "") + consenting }
            let bot = agreed.with { $0.headers.append(("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)")) }
            #expect(try await site.send(bot).status == 204)
            for (name, value) in [
                ("Sec-Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"),
                ("X-Moz", "prefetch"), ("X-Purpose", "preview"),
            ] {
                #expect(try await site.send(agreed.with { $0.headers.append((name, value)) }).status == 204, "\(name)")
            }
            #expect(try await site.send(agreed, from: "203.0.113.9").status == 204)
            #expect(try await site.send(site.withToken()).status == 204)
            #expect(try await site.send(agreed).status == 201)
            #expect(try await site.deployment.counts().map(\.events) == [1])
            try await eventually("the reasons are told") {
                Set(try await site.deployment.status().answers.map(\.reason))
                    == ["excluded:bot", "excluded:prefetch", "excluded:staff", "excluded:no-consent", "durable"]
            }
        }

        @Test("no token, cookie or tracking id stands in any log or file", arguments: Nginx.allCases)
        func privacy(on version: Nginx) async throws {
            let site = try ForeignSite(
                version: version,
                http: {
                    $0.replacing(
                        "zone=rule_outcomes_visitor:4m rate=1r/s", with: "zone=rule_outcomes_visitor:4m rate=1r/m")
                })
            try await site.start()
            let token = Tokens.hs256(secret: site.deployment.secret)
            let queryToken = Tokens.hs256(secret: site.deployment.secret, claims: #"{"sub":"query"}"#)
            let planted = ConversionRequest(
                query: "jwt=\(queryToken)", cookie: "blaize_tracking_id=PLANTED-ID; blaize_session=PLANTED-SESSION",
                headers: [("Referer", "https://www.example.com/?jwt=\(queryToken)"), ("X-Zephr-Jwt", token)])
            for _ in 0..<30 { _ = try await site.send(planted) }
            _ = try await site.send(planted.with { $0.body = "{" })
            _ = try await site.send(planted.with { $0.body = String(repeating: "x", count: 70_000) })
            try await eventually("the log is written") {
                try site.deployment.files()["rule-outcomes.log"]?.contains(" 413 ") == true
            }
            // Zephr is told the session.
            let files = try site.deployment.files().filter { $0.key != "backend-access.log" }
            #expect(files["rule-outcomes.log"]?.contains(" 429 POST /zephr/") == true)
            let texts = files.merging([
                "responder": site.deployment.responder?.text ?? "",
                "aggregator": site.deployment.aggregator?.text ?? "",
                "nginx": site.nginx?.text ?? "", "metrics": try await site.deployment.analytics("/metrics").body,
                "status": try await site.deployment.analytics("/v1/status").body,
            ]) { $1 }
            for (name, text) in texts {
                for secret in ["PLANTED-ID", "PLANTED-SESSION", token] {
                    #expect(!text.contains(secret), "\(name)")
                }
                #expect(!text.contains(queryToken), "\(name)")
            }
        }

        @Test(
            "with the responder stopped or killed, and nobody at the exposures socket, no log has a request's secrets",
            arguments: Nginx.allCases)
        func privacyWithoutResponder(on version: Nginx) async throws {
            let site = try ForeignSite(version: version)
            try await site.start()
            let token = Tokens.hs256(secret: site.deployment.secret)
            let planted = site.withToken().with {
                $0.query = "jwt=\(token)"
                $0.headers.append(("Referer", "https://www.example.com/PLANTED-PAGE?jwt=\(token)"))
            }
            // Stopped, it takes its socket away; killed, it leaves it behind.
            for signal in [SIGTERM, SIGKILL] {
                site.deployment.responder?.signal(signal)
                await site.deployment.responder?.waitForExit()
                for number in 20..<40 {
                    let request = planted.with { $0.cookie = "blaize_tracking_id=PLANTED-ID-\(number)-\(signal)" }
                    #expect(try await site.send(request, from: "192.0.2.\(number)").status == 503)
                }
                if signal == SIGTERM { try await site.deployment.startResponder() }
            }
            try await eventually("the log of the endpoint tells of each") {
                try site.deployment.files()["rule-outcomes.log"]?
                    .matches(of: /503 POST \/zephr\/.* upstream=502\s/).count == 40
            }
            #expect(try site.deployment.files()["rule-outcomes-error.log"] == "")
            let main = site.nginx?.text ?? ""
            #expect(
                main.contains("connect() failed (2: No such file or directory)"), "the socket for exposures is missing")
            for (name, text) in try site.deployment.files().merging(["nginx": main], uniquingKeysWith: { $1 }) {
                for secret in ["PLANTED-ID", "PLANTED-PAGE", token] { #expect(!text.contains(secret), "\(name)") }
            }
            #expect(!main.contains("client: "))
        }

        @Test("whoever reads the counts many times in a row is answered each time", arguments: Nginx.allCases)
        func readingInARow(on version: Nginx) async throws {
            let site = try ForeignSite(
                version: version,
                http: { $0.replacing("    #192.0.2.0/24 \"staff reader\";", with: "    198.51.100.7 reader;") })
            try await site.start()
            let status = ForeignSite.page.with { $0.path = "/rule-outcomes/v1/status" }
            var statuses: [Int] = []
            for _ in 0..<300 { statuses.append(try await site.send(status, from: "198.51.100.7").status) }
            #expect(statuses.count { $0 != 200 } == 0)
        }

        @Test("the counts are closed to all but the named addresses and sites", arguments: Nginx.allCases)
        func analytics(on version: Nginx) async throws {
            let site = try ForeignSite(
                version: version,
                http: {
                    $0.replacing("    #192.0.2.0/24 \"staff reader\";", with: "    198.51.100.7 reader;")
                })
            try await site.start()
            #expect(try await site.send(site.withToken()).status == 201)
            #expect(try await site.deployment.counts().map(\.events) == [1])
            let reader = "198.51.100.7"
            func get(_ path: String, query: String = "", from address: String = reader) async throws -> Answer {
                let request = ForeignSite.page.with {
                    $0.path = "/rule-outcomes" + path
                    $0.query = query
                }
                return try await site.send(request, from: address)
            }
            let csv = try await get("/v1/sites/default/outcomes", query: "ruleId=article-22&format=csv")
            #expect(csv.status == 200 && csv.body.contains("REGISTERED"), "\(csv.body)")
            #expect(csv.headers.first(name: "Cache-Control") == "private, no-cache")
            let tag = try #require(csv.headers.first(name: "ETag"))
            let again = ForeignSite.page.with {
                $0.path = "/rule-outcomes/v1/sites/default/outcomes"
                $0.query = "ruleId=article-22&format=csv"
                $0.headers.append(("If-None-Match", tag))
            }
            #expect(try await site.send(again, from: reader).status == 304)
            #expect(try await get("/v1/sites/default/rules").status == 200)
            for path in ["series?ruleId=article-22", "course?ruleId=article-22", "export?ruleId=article-22", "answers"]
            {
                let parts = path.split(separator: "?").map(String.init)
                let answer = try await get("/v1/sites/default/\(parts[0])", query: parts.count > 1 ? parts[1] : "")
                #expect(answer.status == 200, "\(path): \(answer.body)")
            }
            let unknown = try await get("/v1/sites/default/outcomes", query: "ruleId=nowhere")
            #expect(unknown.status == 404 && unknown.headers.first(name: "Cache-Control") == "no-store")
            let page = try await get("/console/default/rules")
            #expect(page.headers.first(name: "Cache-Control") == "private, no-cache")
            let sheet = try #require(page.body.firstMatch(of: /href="[^"]*(\/console-[0-9a-f]+\.css)"/)?.1)
            #expect(
                try await get("/console\(sheet)").headers.first(name: "Cache-Control")
                    == "private, max-age=31536000, immutable")
            #expect(try await get("/metrics").body.contains("rule_outcomes_responders 1"))
            #expect(try await get("/v1/status").status == 200)
            for path in [
                "/v1/sites/magazine/rules", "/v1/sites/default/../magazine/rules",
                "/v1/sites/default%2f..%2fmagazine/rules",
                "/v1/sites/default/%2e%2e/magazine/rules", "//v1/sites/magazine/rules", "/v1/sites", "/", "/health",
                "/v1/sites/default/rules/../../magazine/rules", "/v1/sites/magazine/answers",
                "/v1/sites/default%00/rules",
            ] {
                let status = try await get(path).status
                #expect([400, 404].contains(status), "\(path): \(status)")
            }
            for path in ["/v1/sites/default/rules", "/metrics", "/v1/status", "/v1/sites/magazine/rules"] {
                let answer = try await get(path, from: "192.0.2.1")
                #expect(answer.status == 403, "\(path)")
                #expect(answer.headers.first(name: "Cache-Control") == "no-store", "\(path)")
            }
            let post = ForeignSite.page.with {
                $0.method = "POST"
                $0.path = "/rule-outcomes/v1/status"
            }
            let refused = try await site.send(post, from: reader)
            #expect(refused.status == 405 && refused.headers.first(name: "Cache-Control") == "no-store")
        }
    }
}
