import Foundation
import HTTPRequests
import Testing

extension IntegrationTests {
    @Suite("The doctor")
    struct DoctorTests {
        /// One thing that is wrong with an installation that is right otherwise, none of which runs.
        struct Mistake: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// The file, from the deployment's directory.
            var file = "nginx/nginx.conf"
            let text: String
            let replacement: String
            let judgement: String
            let fact: String
            var remedy = ""
        }

        private static let listen = "include rule-outcomes/conversions.conf;"

        static let mistakesOfNginx = [
            Mistake(
                testDescription: "without http.conf", text: "include rule-outcomes/http.conf;", replacement: "",
                judgement: "error", fact: "nginx does not take its configuration", remedy: "does not include"),
            Mistake(
                testDescription: "http.conf twice", text: "include rule-outcomes/http.conf;",
                replacement: "include rule-outcomes/http.conf; include rule-outcomes/http.conf;", judgement: "error",
                fact: "nginx does not take its configuration", remedy: "http.conf is included twice"),
            Mistake(
                testDescription: "the endpoint twice", text: listen, replacement: listen + listen, judgement: "error",
                fact: "nginx does not take its configuration", remedy: "included twice in one server block"),
            Mistake(
                testDescription: "the endpoint in a location", text: "location = / {",
                replacement: "location = / { include rule-outcomes/conversions.conf;", judgement: "error",
                fact: "nginx does not take its configuration", remedy: "belong into a server block"),
            Mistake(
                testDescription: "no endpoint", text: listen, replacement: "", judgement: "error",
                fact: "no server block of nginx's has the endpoint", remedy: "into the server block"),
            Mistake(
                testDescription: "a return in front", text: listen,
                replacement: listen + "return 301 https://www.example.com$request_uri;", judgement: "note",
                fact: "has `return` at "),
            Mistake(
                testDescription: "no origin at all", file: "config.yaml", text: "origins: [https://www.example.com]",
                replacement: "origins: []", judgement: "warning", fact: "lists no origin, so that no page may call"),
            Mistake(
                testDescription: "a name twice", text: "    server {",
                replacement: "server { listen 127.0.0.1:1; server_name twice.example; } server { listen 127.0.0.1:1; "
                    + "server_name twice.example; } server {", judgement: "warning",
                fact: "conflicting server name \"twice.example\""),
            Mistake(
                testDescription: "an error log that tells more", file: "nginx/rule-outcomes/responder.conf",
                text: "error.log emerg;", replacement: "error.log warn;", judgement: "warning",
                fact: "takes lines of the level warn"),
            Mistake(
                testDescription: "a rewrite in front", text: listen, replacement: listen + "rewrite ^/old(.*) /new$1;",
                judgement: "note", fact: "has `rewrite` at "),
            Mistake(
                testDescription: "a site that there is not", file: "nginx/rule-outcomes/http.conf",
                text: "default default;", replacement: "default magazin;", judgement: "error",
                fact: "stands for the site 'magazin', which config.yaml lacks", remedy: "(default)"),
            Mistake(
                testDescription: "an origin that is missing", text: listen,
                replacement: listen + "server_name shop.example;", judgement: "warning",
                fact: "lists no origin of shop.example", remedy: "https://shop.example"),
            Mistake(
                testDescription: "sessions that nobody is asked about", file: "config.yaml", text: "session: presence",
                replacement: "session: nginx", judgement: "note", fact: "asks nobody about them",
                remedy: "conversions-with-sessions.conf"),
            Mistake(
                testDescription: "sessions alone, that nobody is asked about", file: "config.yaml",
                text: """
                    session: presence
                        jwt:
                          secret: jwt.secret
                          algorithms: [HS256]
                    """, replacement: "session: nginx", judgement: "error", fact: "asks nobody about them"),
            Mistake(
                testDescription: "sessions that are not looked at", text: "/conversions.conf",
                replacement: "/conversions-with-sessions.conf", judgement: "warning",
                fact: "does not look at the answer", remedy: "session: nginx"),
            Mistake(
                testDescription: "a log with the query", file: "nginx/rule-outcomes/limits.conf", text: "limit_conn ",
                replacement: "access_log extra.log; limit_conn ", judgement: "warning",
                fact: "the endpoint's log extra.log has $request, $http_referer, $remote_addr, by the format combined"),
            Mistake(
                testDescription: "a format of its own with a token", file: "nginx/rule-outcomes/http.conf",
                text: "'$time_iso8601 $status", replacement: "'$http_authorization $time_iso8601 $status",
                judgement: "warning", fact: "has $http_authorization, by the format rule_outcomes"),
            Mistake(
                testDescription: "another server of the same name", text: "    server {",
                replacement: "server { listen 127.0.0.1:1; server_name www.example.com; root /; } server { "
                    + "server_name www.example.com;", judgement: "warning", fact: "serves www.example.com, too"),
            Mistake(
                testDescription: "a site without a server", file: "config.yaml", text: "sites:",
                replacement: "sites:\n  magazine:\n    origins: any\n    session: presence", judgement: "note",
                fact: "stands for the site 'magazine' of config.yaml"),
            Mistake(
                testDescription: "another socket", file: "config.yaml", text: "listen: unix:responder.sock",
                replacement: "listen: unix:elsewhere.sock", judgement: "error",
                fact: "/elsewhere.sock", remedy: "section 1"),
            Mistake(
                testDescription: "another socket for exposures", file: "config.yaml",
                text: "exposureSocket: exposures.sock",
                replacement: "exposureSocket: elsewhere.sock", judgement: "error", fact: "/exposures.sock of exposures"),
            Mistake(
                testDescription: "everybody's word about addresses", text: listen,
                replacement: listen + "set_real_ip_from 0.0.0.0/0;", judgement: "warning",
                fact: "believes anybody's word about the visitor's address"),
            Mistake(
                testDescription: "no limit for a worker", file: "nginx/rule-outcomes/http.conf",
                text: "max_fails=0 max_conns=100;", replacement: "max_fails=0;", judgement: "warning",
                fact: "max_conns is missing", remedy: "max_conns=682"),
            Mistake(
                testDescription: "too much for a worker", file: "nginx/rule-outcomes/http.conf",
                text: "max_fails=0 max_conns=100;", replacement: "max_fails=0 max_conns=3000;", judgement: "warning",
                fact: "3000 requests may wait for the responder"),
            Mistake(
                testDescription: "too much for an address", file: "nginx/rule-outcomes/limits.conf",
                text: "limit_conn rule_outcomes_open 50;", replacement: "limit_conn rule_outcomes_open 5000;",
                judgement: "warning", fact: "one address may hold 5000 of 4096 worker_connections"),
            Mistake(
                testDescription: "a cache in front of exposures", text: "    server {",
                replacement: """
                    proxy_cache_path cache keys_zone=pages:1m;
                    proxy_cache pages;
                    server {
                        location /pages/ {
                            proxy_pass http://127.0.0.1:1;
                            include rule-outcomes/exposures.conf;
                        }
                    """, judgement: "warning", fact: "tells of exposures and has its pages cached"),
            Mistake(
                testDescription: "a console that may read nothing", text: "include rule-outcomes/analytics.conf;",
                replacement: "include rule-outcomes/analytics.conf; server_name www.example.com;", judgement: "warning",
                fact: "has the console, and may read no site", remedy: "for www.example.com"),
            Mistake(
                testDescription: "another socket for the counts", file: "config.yaml",
                text: "analyticsSocket: analytics.sock", replacement: "analyticsSocket: elsewhere.sock",
                judgement: "error", fact: "and the aggregator serves them at unix:"),
        ]

        static let mistakesOfTheMachine = [
            Mistake(
                testDescription: "a mistake in the configuration", file: "config.yaml", text: "origins:",
                replacement: "orgins:", judgement: "error", fact: "orgins"),
            Mistake(
                testDescription: "a group that there is not", file: "config.yaml", text: "listen: unix:responder.sock",
                replacement: "listen: unix:responder.sock\n  exposureGroup: no-such-group", judgement: "error",
                fact: "there is no group 'no-such-group', which responder.exposureGroup names"),
            Mistake(
                testDescription: "a user that there is not", file: "config.yaml", text: "socket: aggregator.sock",
                replacement: "socket: aggregator.sock\n  allowedPeers: [no-such-user]", judgement: "error",
                fact: "there is no user 'no-such-user', which aggregator.allowedPeers names"),
            Mistake(
                testDescription: "nothing that runs", file: "config.yaml", text: "sites:", replacement: "sites:",
                judgement: "error", fact: "no rule-outcomes-responder runs with this configuration",
                remedy: "systemctl start rule-outcomes-responder"),
        ]

        @Test("names what is wrong, and what to do", arguments: mistakesOfNginx + mistakesOfTheMachine)
        func mistake(mistake: Mistake) async throws {
            let deployment = try Deployment(responder: Self.exposures)
            try deployment.edit(mistake.file, mistake.text, mistake.replacement)
            let diagnosis = try await deployment.doctor()
            #expect(diagnosis.status == 2, "nothing runs")
            #expect(diagnosis.contains(mistake), "\(diagnosis)")
        }

        @Test("finds nothing wrong where nothing is, and records nothing")
        func healthy() async throws {
            let deployment = try Deployment(responder: Self.exposures, nginx: ShippedNginx.readable)
            try await deployment.start()
            let diagnosis = try await deployment.doctor()
            // Tests' daemons are root's, and their files everybody's to read.
            let wrong = diagnosis.findings.filter {
                // The disk is this machine's.
                $0.judgement == "error" && $0.area != "disk"
                    || $0.judgement == "warning" && ["nginx", "endpoint"].contains($0.area)
            }
            #expect(wrong.isEmpty, "\(wrong)")
            for mistake in Self.mistakesOfNginx + Self.mistakesOfTheMachine {
                #expect(!diagnosis.contains(mistake), "\(mistake)")
            }
            let answers = diagnosis.findings.filter { $0.area == "endpoint" }.map(\.fact)
            #expect(answers.count == 2, "\(answers)")
            #expect(answers.allSatisfy { $0.contains("would record: site 'default', let in by bearer") }, "\(answers)")
            #expect(try await deployment.run("rules").text.split(separator: "\n").count == 1)
        }

        @Test("asks the endpoint of each server block, and says what came")
        func answers() async throws {
            let deployment = try Deployment(responder: Self.exposures)
            let port = try Ports.free()
            let socket = deployment.path("nginx.sock")
            try deployment.edit(
                "nginx/nginx.conf", "    server {",
                """
                    server {
                        listen 127.0.0.1:\(port);
                        server_name old.example;
                        location /zephr { return 301 https://www.example.com$request_uri; }
                        return 301 https://www.example.com$request_uri;
                        include rule-outcomes/conversions.conf;
                    }
                    server {
                        listen unix:\(socket);
                        server_name other.example;
                        include rule-outcomes/conversions.conf;
                    }
                    server {
                """)
            try deployment.edit(
                "nginx/rule-outcomes/http.conf", "default default;", "default default; other.example other;")
            try await deployment.start()
            let facts = try await deployment.doctor().findings.filter { $0.area == "endpoint" }
            #expect(
                facts.count {
                    $0.judgement == "error" && $0.fact.contains("old.example") && $0.fact.contains("answers 301")
                } == 2,
                "\(facts)")
            #expect(
                facts.count { $0.judgement == "error" && $0.fact.contains("unix:\(socket) answers 500") } == 2,
                "\(facts)")
            #expect(facts.count { $0.judgement == "fine" && $0.fact.contains("127.0.0.1:\(deployment.port)") } == 2)
        }

        @Test("says when whoever is asked about sessions lets in one that nobody has")
        func sessions() async throws {
            let site = Deployment.openSite.replacing("session: presence", with: "session: nginx")
            let deployment = try Deployment(sites: site, responder: Self.exposures)
            try deployment.edit("nginx/nginx.conf", "conversions.conf;", "conversions-with-sessions.conf;")
            try deployment.edit(
                "nginx/rule-outcomes/session.conf", "proxy_pass https://$oc_zephr/blaize/datalayer;",
                "proxy_pass http://127.0.0.1:\(deployment.port)/favicon.ico;")
            try deployment.edit(
                "nginx/rule-outcomes/http.conf", "$oc_zephr {\n    default \"\";",
                "$oc_zephr {\n    default zephr.example;")
            try await deployment.start()
            let found = try await deployment.doctor().findings.filter { $0.area == "endpoint" }
            #expect(
                found.contains { $0.judgement == "error" && $0.fact.contains("lets a session in that nobody has") },
                "\(found)")
        }

        @Test("says that this machine is not counted, and which daemon is away")
        func away() async throws {
            let deployment = try Deployment(responder: Self.exposures)
            try deployment.edit(
                "nginx/rule-outcomes/http.conf", "127.0.0.1 \"unlimited reader\";", "127.0.0.1 \"unlimited staff\";")
            try await deployment.start()
            let excluded = try await deployment.doctor().findings
            #expect(
                excluded.count {
                    $0.judgement == "note" && $0.fact.contains("does not count this request: staff")
                }
                    == 2, "\(excluded)")
            deployment.responder?.signal(SIGTERM)
            _ = await deployment.responder?.waitForExit()
            try await eventually("the aggregator has seen it go") {
                try await deployment.run("status").text.hasPrefix("critical")
            }
            let away = try await deployment.doctor().findings
            #expect(away.contains { $0.area == "endpoint" && $0.fact.contains("answers 503") }, "\(away)")
            #expect(
                away.contains { $0.judgement == "error" && $0.fact.contains("No responder is connected") }, "\(away)")
            #expect(away.contains { $0.area == "files" && $0.fact.contains("there is no socket") }, "\(away)")
        }

        @Test("says in words what deserves a look, and with --all what is right as well")
        func text() async throws {
            let deployment = try Deployment(responder: Self.exposures)
            try await deployment.start()
            let words = ["doctor", "--nginx", try deployment.nginxCommand()]
            let few = try await deployment.run(words[0], words[1], words[2])
            let all = try await deployment.run(words[0], words[1], words[2], "--all")
            #expect(few.text.contains("\nnginx\n") && few.text.contains("\n          -> "), "\(few.text)")
            #expect(!few.text.contains("  fine    ") && all.text.contains("  fine    "), "\(all.text)")
            #expect(few.text.split(separator: "\n").first == all.text.split(separator: "\n").first)
        }

        private static let exposures = "exposureSocket: exposures.sock"
    }
}

/// What `doctor --json` writes.
private struct TestDiagnosis: Decodable {
    struct Finding: Decodable {
        let area: String
        let judgement: String
        let fact: String
        let remedy: String?
    }

    let verdict: String
    let exitStatus: Int32
    let findings: [Finding]

    var status: Int32 { exitStatus }

    func contains(_ mistake: IntegrationTests.DoctorTests.Mistake) -> Bool {
        findings.contains {
            $0.judgement == mistake.judgement && $0.fact.contains(mistake.fact)
                && (mistake.remedy.isEmpty || $0.remedy?.contains(mistake.remedy) == true)
        }
    }
}

extension Deployment {
    /// How this deployment's nginx is called.
    fileprivate func nginxCommand() throws -> String {
        "\(try Nginx.debian.executable.path) -p \(directory.path) -c \(path("nginx/nginx.conf"))"
    }

    fileprivate func doctor() async throws -> TestDiagnosis {
        let result = try await run("doctor", "--json", "--nginx", try nginxCommand())
        let diagnosis = try JSONDecoder().decode(TestDiagnosis.self, from: Data(result.text.utf8))
        #expect(diagnosis.exitStatus == result.status)
        return diagnosis
    }

    /// Writes `replacement` where the file has `text`, which it has to.
    fileprivate func edit(_ file: String, _ text: String, _ replacement: String) throws {
        let before = try String(contentsOfFile: path(file), encoding: .utf8)
        try #require(before.contains(text), "\(file) has no \(text)")
        try write(before.replacing(text, with: replacement, maxReplacements: 1), to: file)
    }
}
