import Foundation
import Testing

extension IntegrationTests {
    @Suite("What pages, browsers and monitors really send, through nginx's files")
    struct PageTrafficTests {
        private static let exposures = "/zephr/public/rule-outcomes/v1/exposures"
        private static let origin = ("Origin", "https://www.example.com")

        /// An exposure as a page of the site's sends it, from a visitor with a session.
        private static func exposure(_ number: Int, visitor: String = "visitor") -> ConversionRequest {
            ForeignSite.withSession(visitor: visitor).with {
                $0.path = exposures
                $0.headers = [origin]
                $0.body = #"{"ruleId": "teaser-\#(number)", "outcomeId": "graph/1#1"}"#
            }
        }

        @Test("what nginx answers by itself can be read by the page, with when to try again", arguments: Nginx.allCases)
        func constants(on version: Nginx) async throws {
            let site = try ForeignSite(version: version) {
                $0.replacing("zone=rule_outcomes_visitor:4m rate=1r/s", with: "zone=rule_outcomes_visitor:4m rate=1r/m")
            }
            try await site.start()
            let request = site.withToken().with { $0.headers.append(Self.origin) }
            var answers: [Int: Answer] = [:]
            for _ in 0..<25 {
                let answer = try await site.send(request)
                answers[answer.status] = answer
            }
            let large = try await site.send(request.with { $0.body = String(repeating: " ", count: 17_000) + $0.body })
            answers[large.status] = large
            site.deployment.responder?.signal(SIGKILL)
            _ = await site.deployment.responder?.waitForExit()
            let away = try await site.send(
                request.with { $0.cookie = "blaize_tracking_id=another" }, from: "192.0.2.9")
            answers[away.status] = away
            #expect(Set(answers.keys) == [201, 413, 429, 503])
            for (status, answer) in answers {
                #expect(answer.headers["Access-Control-Allow-Origin"] == [Self.origin.1], "\(status)")
                #expect(answer.headers["Access-Control-Allow-Credentials"] == ["true"], "\(status)")
            }
            for status in [429, 503] {
                #expect(answers[status]?.headers["Retry-After"] == ["2"])
                #expect(answers[status]?.headers["Access-Control-Expose-Headers"] == ["Retry-After"], "\(status)")
            }
        }

        @Test("preflights are not rated, and do not use up the rate of what follows", arguments: Nginx.allCases)
        func preflights(on version: Nginx) async throws {
            let site = try ForeignSite(version: version) {
                $0.replacing(
                    "zone=rule_outcomes_address:4m rate=20r/s", with: "zone=rule_outcomes_address:4m rate=1r/m")
            }
            try await site.start()
            let preflight = ConversionRequest(
                method: "OPTIONS", cookie: nil,
                headers: [Self.origin, ("Access-Control-Request-Method", "POST")], contentType: nil, body: "")
            for _ in 0..<250 {
                #expect(try await site.send(preflight).status == 204)
            }
            #expect(try await site.send(site.withToken()).status == 201)
        }

        @Test("a front page with fifty teasers, twice over, loses no exposure, and asks nobody about the session")
        func teasers() async throws {
            let site = try ForeignSite(sites: Self.sites)
            try await site.start()
            var statuses: Set<Int> = []
            let port = site.securePort
            for page in 0..<2 {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            try await ForeignSite.send(
                                Self.exposure(50 * page + number), to: "www.example.com", port: port, from: "192.0.2.1"
                            ).status
                        }
                    }
                    for try await status in group { statuses.insert(status) }
                }
            }
            #expect(statuses == [201])
            #expect(try site.deployment.files()["backend-access.log"] == "")
            // What a conversion may do is not used up by them.
            for _ in 0..<20 { #expect(try await site.send(ForeignSite.withSession()).status == 201) }
        }

        /// The sites of the example, whose exposures need no credential.
        private static let sites = ForeignSite.sites.replacing(
            "session: nginx", with: "session: nginx\n    credentials:\n      required: conversions")

        @Test(
            "a body over 16 KiB is 413 however it comes, and leaves nothing in an error log", arguments: Nginx.allCases)
        func largeBodies(on version: Nginx) async throws {
            let site = try ForeignSite(version: version)
            try await site.start()
            try site.deployment.write(String(repeating: "x", count: 40_000), to: "large")
            for encoding in ["chunked", ""] {
                let curl = try RunningProcess(
                    URL(fileURLWithPath: "/usr/bin/curl"),
                    [
                        "-sk", "--http1.1", "--resolve", "www.example.com:\(site.securePort):127.0.0.1", "-o",
                        "/dev/null",
                        "-w", "%{http_code}\\n", "-H", "Transfer-Encoding: \(encoding)", "-H", "Expect:", "-H",
                        "Content-Type: application/json", "-b", "blaize_tracking_id=v", "--data-binary",
                        "@\(site.deployment.path("large"))",
                        "https://www.example.com:\(site.securePort)\(ConversionRequest.path)?PLANTED=[1-100]",
                    ])
                _ = await curl.waitForExit()
                await curl.waitForEnd()
                let statuses = curl.text.split(separator: "\n")
                #expect(statuses.count == 100 && Set(statuses) == ["413"], "\(Set(statuses))")
            }
            #expect(try site.deployment.files()["rule-outcomes-error.log"] == "")
            #expect(site.nginx?.text.contains("PLANTED") == false)
        }

        @Test("programs that name themselves are not counted, and people are", arguments: Nginx.allCases)
        func programs(on version: Nginx) async throws {
            let site = try ForeignSite(version: version) {
                $0.replacing("#192.0.2.10 unlimited;", with: "192.0.2.1 unlimited;")
            }
            try await site.start()
            for (agents, status) in [(Self.programs, 204), (Self.people, 201)] {
                for agent in agents.split(separator: "\n") {
                    let request = site.withToken().with { $0.headers.append(("User-Agent", String(agent))) }
                    #expect(try await site.send(request).status == status, "\(agent)")
                }
            }
        }

        @Test("nginx starts without knowing Zephr's name, and only sessions are unavailable", arguments: Nginx.allCases)
        func unknownName(on version: Nginx) async throws {
            // Nobody looks names up at that port.
            let port = try Ports.free()
            let site = try ForeignSite(
                version: version,
                http: {
                    $0.replacing("www.example.com \(ForeignSite.zephr);", with: "www.example.com nowhere.invalid;")
                },
                session: { $0.replacing("resolver 127.0.0.1 ", with: "resolver 127.0.0.1:\(port) ") })
            try await site.start()
            let alone = try await site.send(ForeignSite.withSession())
            #expect(alone.status == 503 && alone.headers["Retry-After"] == ["2"], "\(alone)")
            #expect(try await site.send(site.withToken()).status == 201)
        }

        @Test("a Zephr whose certificate is another's is not believed", arguments: Nginx.allCases)
        func certificate(on version: Nginx) async throws {
            let site = try ForeignSite(
                version: version,
                session: { $0.replacing("/tls/\(ForeignSite.zephr)/", with: "/tls/www.example.com/") })
            try await site.start()
            #expect(try await site.send(ForeignSite.withSession()).status == 503)
            #expect(try await site.send(site.withToken()).status == 201)
        }

        @Test(
            "answers that are to be remembered are asked for once, and whose they are is on no disk",
            arguments: Nginx.allCases)
        func remembered(on version: Nginx) async throws {
            let memory = "/dev/shm/ro-\(UUID().uuidString.prefix(8))"
            defer { try? FileManager.default.removeItem(atPath: memory) }
            let site = try ForeignSite(
                version: version,
                http: {
                    $0.replacing("#proxy_cache_path /run/rule-outcomes-sessions", with: "proxy_cache_path \(memory)")
                        .replacing("#    use_temp_path=off;", with: "use_temp_path=off;")
                },
                session: {
                    $0.replacing("proxy_cache off;\n#proxy_cache ", with: "proxy_cache ")
                })
            try await site.start()
            for _ in 0..<5 {
                #expect(try await site.send(ForeignSite.withSession()).status == 201)
                #expect(try await site.send(ForeignSite.withSession("made-up")).status == 401)
            }
            let asked = try #require(try site.deployment.files()["backend-access.log"])
            #expect(asked.split(separator: "\n").count == 2, "\(asked)")
            for (name, text) in try site.deployment.files() where name != "nginx/backend.conf" {
                #expect(!text.contains(ForeignSite.validSession) && !text.contains("made-up"), "\(name)")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: memory)[.posixPermissions] as? Int
            #expect(mode == 0o700)
        }

        private static let programs = """
            Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
            Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)
            AdsBot-Google (+http://www.google.com/adsbot.html)
            facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)
            Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36
            Mozilla/5.0 (Linux; Android 11; moto g power) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse
            Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 PTST/241010.1
            Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/534.34 (KHTML, like Gecko) PhantomJS/1.9.8 Safari/534.34
            Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)
            Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 PingdomPageSpeed/1.0 (pingbot/2.0)
            Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)
            Mozilla/5.0 (Windows NT 6.2) AppleWebKit/537.36 Chrome/98.0.4758.102 Safari/537.36 (StatusCake)
            Site24x7
            Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 DatadogSynthetics
            Datadog/Synthetics
            NewRelicPinger/1.0 (1234567)
            Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 NewRelicSynthetics/1.0
            Better Uptime Bot Mozilla/5.0
            Better Stack Better Uptime Bot Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)
            Checkly/1.0 (https://www.checklyhq.com)
            updown.io daemon 2.12
            Uptime-Kuma/1.23.13
            HetrixTools Uptime Monitoring Bot. https://hetrix.tools/uptime-monitoring-bot.html
            Mozilla/5.0 (compatible; Uptimebot/1.0; +http://www.uptime.com/uptimebot)
            FreshpingBot/1.0 (+https://freshping.io/)
            check_http/v2.3.3 (monitoring-plugins 2.3.3)
            Zabbix
            Blackbox Exporter/0.25.0
            Blackbox-Exporter/0.25.0
            GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)
            Amazon-Route53-Health-Check-Service (ref 0a1b2c3d; report http://amzn.to/1vsZADi)
            ELB-HealthChecker/2.0
            kube-probe/1.31
            Mozilla/5.0 (compatible; Cloudflare-Healthchecks/1.0; +https://www.cloudflare.com/; healthcheck-id: 0a1b)
            Azure Traffic Manager Endpoint Monitor
            Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 GTmetrix
            Mozilla/5.0 (X11; Linux x86_64; Catchpoint) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36
            Mozilla/5.0 (Windows NT 10.0; Site24x7) Gecko/20100101 Firefox/132.0
            Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36bot
            Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile/crawler Safari/537.36
            Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 Catchpoint
            Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 RuxitSynthetic/1.0 v3
            Montastic-Monitor http://www.montastic.com
            Nagios-check
            OhDear.app / Oh Dear uptime checker
            SpeedCurve/1.0
            """

        private static let people = """
            Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36
            Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15
            Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0
            Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1
            Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36
            Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36
            Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36
            Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0
            Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/22B83 [FBAN/FBIOS;FBAV/490.0;FBDV/iPhone14,5]
            Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/22A3354 Instagram 350.0.0.24.94
            Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko
            Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36
            Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/5.0 Chrome/94.0 TV Safari/537.36
            Mozilla/5.0 (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15
            Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0
            okhttp/4.12.0
            Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP2A.240805.005)
            curl/8.5.0
            """
    }
}
