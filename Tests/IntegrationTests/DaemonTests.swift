import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("Daemons as a supervisor meets them")
    struct DaemonTests {
        private static let session = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")

        @Test("SIGHUP brings new keys and sites into force, and no request fails meanwhile")
        func reload() async throws {
            let deployment = try Deployment(aggregator: "conversionsPerOutcomeMax: 100000")
            try await deployment.start()
            let load = Load(port: deployment.port)
            let sending = load.start(concurrency: 8)
            for number in 1...5 {
                let secret = "another secret, long enough for any hash: \(number) \(UUID().uuidString)"
                try deployment.write(secret, to: "jwt.secret")
                try await deployment.reload(deployment.responder, saying: "reloaded, for default", times: number)
                try await load.acknowledged(atLeastMore: 100)
                #expect(try await deployment.send(Self.token(secret)).status == 201)
                #expect(try await deployment.send(Self.token(deployment.secret)).status == 401)
            }
            load.stop()
            await sending.value
            #expect(Set(load.answers.values) == [201])
            try await eventually("the reloads are told") {
                try await deployment.status().responders.map(\.reloads) == [5]
            }
        }

        @Test(
            "a daemon that crashes leaves no core, though its supervisor allows one, and what it knew is in no file",
            .disabled(if: FaultRun.isSanitized, "the sanitizer takes the crash for its own"))
        func noCore() async throws {
            let deployment = try Deployment()
            for executable in [Executables.responder, Executables.aggregator] {
                let daemon = try RunningProcess(
                    Executables.shell,
                    [
                        "-c", "ulimit -S -c unlimited; cd \"$2\"; exec \"$0\" --config \"$1\"", executable.path,
                        deployment.configurationPath, deployment.path("tmp"),
                    ], environment: ["SWIFT_BACKTRACE": "enable=no"])
                await daemon.wait(forText: "listening ")
                let limits = try String(contentsOfFile: "/proc/\(daemon.processID)/limits", encoding: .utf8)
                #expect(limits.contains(#/Max core file size +0 +0 /#), "\(limits)")
                daemon.signal(SIGSEGV)
                #expect(await daemon.waitForExit() == 128 + SIGSEGV)
                #expect(try FileManager.default.contentsOfDirectory(atPath: deployment.path("tmp")) == [])
            }
        }

        @Test("a responder closes its memory to all but root, before it reads a secret")
        func closedMemory() async throws {
            let deployment = try Deployment()
            let responder = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/strace"),
                [
                    "-f", "-e", "trace=prctl,openat", Executables.responder.path, "--config",
                    deployment.configurationPath,
                ])
            await responder.wait(forText: "listening ")
            responder.signalGroup(SIGKILL)
            let text = responder.text
            let closing = try #require(text.firstRange(of: "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE"), "\(text)")
            #expect(!text[..<closing.lowerBound].contains(".secret"))
            #expect(!text[..<closing.lowerBound].contains("config.yaml\", O_"))
        }

        @Test("a mistake in the configuration, or an unusable key, leaves what was in force, and is named")
        func failedReload() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(text.replacing("session: presence", with: "sesion: presence"), to: "config.yaml")
            for daemon in [deployment.responder, deployment.aggregator] {
                try await deployment.reload(daemon, saying: "not reloaded")
                #expect(daemon?.text.contains("config.yaml:13: there is no key `sesion`") == true)
            }
            #expect(try await deployment.send(Self.session).status == 201)
            try deployment.write(text, to: "config.yaml")
            try deployment.write("", to: "jwt.secret")
            try await deployment.reload(deployment.responder, saying: "not reloaded", times: 2)
            #expect(
                deployment.responder?.text.contains("site 'default' is not reloaded: its keys and settings") == true)
            #expect(try await deployment.send(Self.token(deployment.secret)).status == 201)
            try await eventually("the failed reloads are told") {
                let status = try await deployment.status()
                return status.responders.map(\.reloadsFailed) == [2] && status.reloadsFailed == 1
            }
        }

        @Test("a site whose keys cannot be used answers 503 and says why, and the others start and reload")
        func unusableKeys() async throws {
            let deployment = try Deployment(
                sites: """
                      default:
                        origins: [https://www.example.com]
                        session: presence
                      broken:
                        origins: [https://www.example.com]
                        jwt: { secret: jwt.secret, algorithms: [HS256] }
                    """,
                nginx: { name, text in
                    name == "http.conf" ? text.replacing("default default;", with: "default broken;") : text
                })
            try deployment.write("", to: "jwt.secret")
            try await deployment.start()
            let log = { deployment.responder?.text ?? "" }
            #expect(
                log().contains("config.yaml:16: site 'broken': the key file \(deployment.path("jwt.secret")) is empty"))
            #expect(log().contains("site 'broken' answers 503, since its keys cannot be used."))
            let origin = ("Origin", "https://www.example.com")
            let request = Self.token(deployment.secret).with { $0.headers.append(origin) }
            for _ in 1...2 {
                let answer = try await deployment.send(request)
                #expect(answer.status == 503)
                #expect(answer.body.hasPrefix("This site's keys cannot be used"))
                #expect(!answer.body.contains(deployment.directory.path) && !answer.body.contains("jwt.secret"))
                #expect(answer.headers.first(name: "Retry-After") == "60")
                #expect(answer.headers.first(name: "Access-Control-Allow-Origin") == origin.1)
            }
            let check = try await deployment.run("check")
            #expect(check.status == 78 && check.text.contains("config.yaml:16: site 'broken': "), "\(check.text)")
            let direct = try FastCGIConnection(unix: deployment.path("responder.sock"))
            try direct.send(FastCGIBytes.request())
            #expect(direct.answer()?.hasPrefix("Status: 201 ") == true)

            try deployment.write(deployment.secret, to: "jwt.secret")
            try await deployment.reload(deployment.responder, saying: "reloaded, for broken, default")
            #expect(try await deployment.send(request).status == 201)
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(text + "\n  third: { origins: [], session: presence }\n", to: "config.yaml")
            try deployment.write("", to: "jwt.secret")
            try await deployment.reload(deployment.responder, saying: "site 'broken' is not reloaded")
            #expect(log().contains("reloaded, for default, third"))
            #expect(try await deployment.send(request).status == 201)
            try await eventually("the answers and the reloads are told by reason") {
                let status = try await deployment.status()
                return status.responders.map(\.reloads) == [1] && status.responders.map(\.reloadsFailed) == [1]
                    && status.answers.contains { $0.status == 503 && $0.reason == "keys" && $0.site == "broken" }
            }
        }

        @Test("names and room that rules.yaml declares come into force with SIGHUP, and a mistake in it leaves them")
        func rules() async throws {
            let deployment = try Deployment(aggregator: "rulesPerSiteMax: 1")
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write("rules: rules.yaml\n" + text, to: "config.yaml")
            try deployment.write("sites: {}\n", to: "rules.yaml")
            try await deployment.start()
            let request = Self.session
            for rule in ["first", "stranger"] {
                #expect(
                    try await deployment.send(request.with { $0.body = ConversionRequest.body(rule: rule) }).status
                        == 201)
            }
            #expect(try await deployment.counts(rule: "first").map(\.events) == [1])
            #expect(try await deployment.counts(rule: "stranger").isEmpty)
            try deployment.write(
                """
                sites:
                  default:
                    rules:
                      declared:
                        name: What people call it
                        outcomes:
                          "graph/1#1,graph/1#2": Paywall
                """, to: "rules.yaml")
            try await deployment.reload(deployment.aggregator, saying: "reloaded")
            #expect(
                try await deployment.send(request.with { $0.body = ConversionRequest.body(rule: "declared") }).status
                    == 201)
            #expect(try await deployment.counts(rule: "declared").map(\.outcomeName) == ["Paywall"])
            #expect(try await deployment.run("rules").text.contains("What people call it"))
            try deployment.write("sites:\n  other:\n    rules: {}\n", to: "rules.yaml")
            try await deployment.reload(deployment.aggregator, saying: "not reloaded")
            #expect(deployment.aggregator?.text.contains("rules.yaml:2: ") == true)
            #expect(try await deployment.run("rules").text.contains("What people call it"))
            let check = try await deployment.run("check")
            #expect(check.status == 78 && check.text.contains("rules.yaml:2: "), "\(check.text)")
        }

        @Test("SIGHUP says which changes wait for a new start")
        func laterChanges() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(
                text.replacing("aggregator:", with: "  inFlightMax: 7\naggregator:\n  outcomesPerRuleMax: 9"),
                to: "config.yaml")
            try deployment.write(UUID().uuidString + UUID().uuidString, to: "subject.secret")
            try await deployment.reload(deployment.responder, saying: "the subject secret has changed")
            #expect(deployment.responder?.text.contains("responder.inFlightMax has changed") == true)
            try await deployment.reload(deployment.aggregator, saying: "aggregator.outcomesPerRuleMax has changed")
        }

        @Test("under systemd each line of the log begins with its level as the journal reads it")
        func journal() async throws {
            let deployment = try Deployment()
            let process = try RunningProcess(
                Executables.shell,
                [
                    "-c", "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec \"$0\" --config \"$1\"",
                    Executables.responder.path, deployment.configurationPath,
                ])
            await process.wait(forText: "aggregator away")
            await process.wait(forText: "listening on")
            process.signal(SIGTERM)
            #expect(await process.waitForExit() == 0)
            await process.waitForEnd()
            let lines = process.text.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("<4>aggregator away at ") }, "\(process.text)")
            #expect(lines.contains { $0.hasPrefix("<5>listening on unix:") }, "\(process.text)")
            #expect(lines.allSatisfy { $0.hasPrefix("<") }, "\(process.text)")
        }

        @Test("SIGTERM answers requests in hand, and does not wait for an aggregator that never will")
        func stoppedWhileStalled() async throws {
            let deployment = try Deployment(responder: "deadlineMilliseconds: 60000")
            try await deployment.start()
            #expect(try await deployment.send(Self.session).status == 201)
            deployment.aggregator?.signal(SIGSTOP)
            let connection = try FastCGIConnection(unix: deployment.path("responder.sock"))
            let other = try FastCGIConnection(unix: deployment.path("responder.sock"))
            for each in [connection, other] {
                try each.send(FastCGIBytes.request(body: "{}"))
                #expect(each.answer()?.hasPrefix("Status: 400 ") == true)
            }
            try connection.send(FastCGIBytes.request())
            // Requests are read in the order they arrive in, so this one's answer shows that the other is in hand.
            try other.send(FastCGIBytes.request(body: "{}"))
            #expect(other.answer()?.hasPrefix("Status: 400 ") == true)
            deployment.responder?.signal(SIGTERM)
            #expect(connection.answer()?.hasPrefix("Status: 503 ") == true)
            #expect(await deployment.responder?.waitForExit() == 0)
            deployment.aggregator?.signal(SIGCONT)
        }

        @Test("a clean stop leaves the two files and nothing of their logs, whatever was asked before")
        func cleanStop() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            #expect(try await deployment.send(Self.session).status == 201)
            #expect(try await deployment.counts().map(\.events) == [1])
            _ = try await deployment.run("status")
            // Who holds a connection of the analytics open meanwhile.
            let reader = try FastCGIConnection(unix: deployment.path("analytics.sock"))
            try reader.send(Array("GET /v1/status HTTP/1.1\r\n".utf8))
            deployment.aggregator?.signal(SIGTERM)
            #expect(await deployment.aggregator?.waitForExit() == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: deployment.path("data")).sorted()
            #expect(names == ["journal.sqlite", "lock", "reserve", "store.sqlite", "subject.epoch"])
        }

        @Test("SIGTERM does not wait for a reader of the analytics who does not go on")
        func stoppedWhileRead() async throws {
            let deployment = try Deployment()
            try await deployment.startAggregator()
            let reader = try FastCGIConnection(unix: deployment.path("analytics.sock"))
            try reader.send(Array("GET /v1/status HTTP/1.1\r\n".utf8))
            deployment.aggregator?.signal(SIGTERM)
            #expect(await deployment.aggregator?.waitForExit() == 0)
        }

        @Test(
            "a mistake on the command line is status 64, help and version are 0",
            arguments: [
                (["--confg"], 64, "Unknown option"), (["--help"], 0, "sysexits.h"), (["--version"], 0, " 0."),
            ] as [([String], Int32, String)])
        func commandLine(arguments: [String], status: Int32, text: String) async throws {
            for executable in [Executables.responder, Executables.aggregator, Executables.operatorTool] {
                let process = try RunningProcess(executable, arguments)
                #expect(await process.waitForExit() == status)
                await process.waitForEnd()
                #expect(process.text.contains(text), "\(process.text)")
            }
        }

        private static func token(_ secret: String) -> ConversionRequest {
            ConversionRequest(
                cookie: "blaize_tracking_id=visitor",
                headers: [("Authorization", "Bearer \(Tokens.hs256(secret: secret))")])
        }

        @Test("a responder whose subject secret lost its newline is refused with the reason, until the change is meant")
        func changedSubjectSecret() async throws {
            let deployment = try Deployment()
            let secret = UUID().uuidString + UUID().uuidString
            try deployment.write(secret + "\n", to: "subject.secret")
            try await deployment.start()
            let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
            #expect(try await deployment.send(request).status == 201)
            deployment.responder?.signal(SIGTERM)
            _ = await deployment.responder?.waitForExit()
            try deployment.write(secret, to: "subject.secret")
            let changed = try RunningProcess(Executables.responder, ["--config", deployment.configurationPath])
            await changed.wait(forText: "its subject secret is not the one that visitors are counted under")
            #expect(changed.text.contains("start the aggregator once with --new-subject-secret"), "\(changed.text)")
            #expect(changed.text.contains("rule-outcomes check says more"), "\(changed.text)")
            #expect(try await deployment.send(request).status == 503)
            let check = try await deployment.run("check")
            #expect(check.status == 78, "\(check.text)")
            #expect(
                check.text.contains("It ended with a newline, and now ends with no newline: put that back"),
                "\(check.text)")
            changed.signal(SIGTERM)
            _ = await changed.waitForExit()
            deployment.aggregator?.signal(SIGTERM)
            #expect(await deployment.aggregator?.waitForExit() == 0)
            let meant = try RunningProcess(
                Executables.aggregator, ["--config", deployment.configurationPath, "--new-subject-secret"])
            await meant.wait(forText: "listening for analytics")
            #expect(try await deployment.run("check").status == 0)
            meant.signal(SIGTERM)
            #expect(await meant.waitForExit() == 0)
            try await deployment.startAggregator()
            try await deployment.startResponder()
            #expect(try await deployment.send(request).status == 201)
            #expect(try await deployment.counts().map(\.events) == [2])
            for (name, content) in try deployment.files() where name != "subject.secret" {
                #expect(!content.contains(secret), "\(name)")
            }
        }
    }
}
