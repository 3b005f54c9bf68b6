import Foundation
import HTTPRequests
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("The operator's tool and the demo")
    struct OperatorToolTests {
        @Test("simulate sends known traffic through nginx and finds it counted; the reports agree with each other")
        func simulate() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let simulation = try await deployment.run(
                "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--rule", "rule-1", "--visitors", "200",
                "--rates", "30,50,70", "--weights", "1,1,2", "--seed", "1")
            #expect(simulation.status == 0, "\(simulation.text)")
            #expect(simulation.text.contains("equal: 208 visitors"), "\(simulation.text)")
            #expect(simulation.text.contains("holds 70 %"), "\(simulation.text)")
            let rows = try await deployment.counts(rule: "rule-1")
            #expect(rows.count == 6)
            let csv = try await deployment.run("report", "rule-1", "--format", "csv")
            #expect(csv.text.split(separator: "\r\n").count == rows.count + 1)
            let table = try await deployment.run("report", "rule-1")
            for row in rows { #expect(table.text.contains("\(row.visitors)")) }
            #expect(try await deployment.run("rules").text.contains("rule-1"))
            try await eventually("the responder has told of its answers, bots' among them") {
                let status = try await deployment.run("status").text
                return status.contains("durable") && status.contains("excluded:bot")
            }
            let again = try await deployment.run(
                "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--rule", "rule-1")
            #expect(again.status == 65 && again.text.contains("has exposures or conversions already"), "\(again.text)")
        }

        @Test("simulate ends with a status other than 0 when the report differs from what was sent")
        func difference() async throws {
            let deployment = try Deployment()
            let elsewhere = try Deployment()
            try await deployment.start()
            try await elsewhere.startAggregator()
            let simulation = try await deployment.run(
                "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--visitors", "20", "--socket",
                elsewhere.path("analytics.sock"))
            #expect(simulation.status == 1, "\(simulation.text)")
            #expect(simulation.text.contains("different: "), "\(simulation.text)")
        }

        @Test("simulate says so when nginx counts bots")
        func bots() async throws {
            let deployment = try Deployment { name, text in
                guard name == "responder.conf" else { return text }
                return text.replacing("EXCLUDE $oc_exclude;", with: "EXCLUDE \"\";")
            }
            try await deployment.start()
            let simulation = try await deployment.run(
                "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--visitors", "100")
            #expect(simulation.status == 1, "\(simulation.text)")
            #expect(simulation.text.contains("different: 10 requests of bots were answered 201, not 204"))
            #expect(simulation.text.contains(/different: graph[^ ]* exposed: sent \d+, counted \d+/))
        }

        @Test("simulate compares a declared group that holds by then, and says why it leaves out one that does not yet")
        func groups() async throws {
            for (start, isCompared) in [(0, true), (4_000_000, false)] {
                let deployment = try Deployment()
                try await deployment.declareGroup(rule: "rule-1", startQuarter: start)
                try await deployment.start()
                let simulation = try await deployment.run(
                    "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--rule", "rule-1", "--visitors", "400",
                    "--seed", "1")
                #expect(simulation.status == 0, "\(simulation.text)")
                #expect(simulation.text.contains(/autumn +crossed +[1-9]/) == isCompared, "\(simulation.text)")
                #expect(simulation.text.contains("group autumn is left out: ") != isCompared, "\(simulation.text)")
                if isCompared { try await fitsTerminals(deployment) }
            }
        }

        /// Sixty columns, as half of a screen has them, and eighty.
        private func fitsTerminals(_ deployment: Deployment) async throws {
            for arguments in [["status"], ["rules"], ["report", "rule-1"]] {
                let whole = try await deployment.run(arguments)
                #expect(whole.text.split(separator: "\n").contains { $0.count > 60 }, "\(whole.text)")
                for columns in [60, 80] {
                    let shown = try await deployment.run(arguments, onTerminalOf: columns)
                    let lines = shown.text.split(whereSeparator: \.isNewline)
                    #expect(shown.status == 0 && lines.count > 1, "\(shown.text)")
                    #expect(lines.allSatisfy { $0.count <= columns }, "\(shown.text)")
                }
            }
            let report = try await deployment.run(["report", "rule-1"], onTerminalOf: 60).text
            for title in ["unattributed", "interval", "verdict"] { #expect(report.contains(title), "\(report)") }
        }

        @Test(
            "a full pipe that its reader has made non-blocking loses nothing of what a program writes",
            arguments: [Executables.operatorTool, Executables.responder, Executables.aggregator])
        func nonBlockingOutput(executable: URL) async throws {
            let whole = try RunningProcess(executable, ["--help"])
            await whole.waitForEnd()
            let pipe = try OnePagePipe()
            pipe.fill()
            let process = try Spawning.spawn([executable.path, "--help"], output: pipe.writing)
            pipe.endWriting()
            try await eventually("it waits for room, or has ended") { Self.waitsOrHasEnded(process) }
            let text = pipe.readToEnd()
            #expect(String(decoding: text.dropFirst(OnePagePipe.capacity), as: UTF8.self) == whole.text)
            #expect(whole.text.contains("USAGE") && Spawning.wait(for: process) == 0)
        }

        @Test("a reader that is gone ends it as it ends others, by SIGPIPE")
        func brokenPipe() throws {
            let pipe = try OnePagePipe()
            pipe.endReading()
            let process = try Spawning.spawn(
                [Executables.operatorTool.path, "--help"], output: pipe.writing)
            #expect(Spawning.wait(for: process) == 128 + SIGPIPE)
        }

        /// Whether one of its threads is in poll(2), as proc(5) tells.
        private static func waitsOrHasEnded(_ process: pid_t) -> Bool {
            let text = { (name: String) in
                (try? String(contentsOfFile: "/proc/\(process)/\(name)", encoding: .utf8)) ?? ""
            }
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
            let calls = threads.map { text("task/\($0)/syscall").prefix { $0 != " " } }
            return text("stat").contains(") Z ") || calls.contains { ["7", "73", "271"].contains($0) }
        }

        @Test("check says that a configuration is fine, or each mistake with its line; token mints what the site takes")
        func checkAndToken() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let fine = try await deployment.run("check")
            #expect(fine.status == 0 && fine.text.contains("fine"), "\(fine.text)")
            let token = try await deployment.run("token").text.trimmingCharacters(in: .whitespacesAndNewlines)
            let request = ConversionRequest(headers: [("Authorization", "Bearer \(token)")])
            #expect(try await deployment.send(request).status == 201)
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(text + "    orgins: []\n", to: "config.yaml")
            let wrong = try await deployment.run("check")
            #expect(wrong.status == 78 && wrong.text.contains("config.yaml:16: "), "\(wrong.text)")
        }

        @Test("who misspells a rule version or a site is told what may have been meant")
        func suggestions() async throws {
            let other = """
                  magazine.example:
                    origins: []
                    session: presence
                """
            let deployment = try Deployment(sites: Deployment.openSite + "\n" + other)
            try await deployment.start()
            let long = "graph/" + String(repeating: "1234567890", count: 25)
            for rule in ["article-22", long, "rule-\u{202E}7"] {
                let request = ConversionRequest(
                    cookie: "blaize_tracking_id=a; blaize_session=s", body: ConversionRequest.body(rule: rule))
                #expect(try await deployment.send(request).status == 201)
            }
            try await eventually("all are counted") {
                try await deployment.status().dimensions.contains { $0.site == "default" && $0.rules == 3 }
            }
            let noRule = "has no records of rule version"
            for (written, meant) in [
                ("artcle-22", "article-22"), ("graph/" + long.dropFirst(7), long), ("rule-7", "rule-\\u{202e}7"),
                ("graph/12…890", long),
            ] {
                for format in ["table", "csv", "zephr"] {
                    let report = try await deployment.run("report", written, "--format", format)
                    #expect(
                        report.status == 65
                            && report.text
                                == "Error: Site 'default' \(noRule) '\(written)'. Did you mean '\(meant)'?\n",
                        "\(report.text)")
                }
            }
            let strange = try await deployment.run("report", "newsletter")
            #expect(strange.text == "Error: Site 'default' \(noRule) 'newsletter'.\n" && strange.status == 65)
            for arguments in [["rules"], ["report", "article-22"]] {
                let misspelt = try await deployment.run(arguments + ["--site", "magasine.example"])
                #expect(misspelt.status == 65, "\(misspelt.text)")
                #expect(misspelt.text.hasSuffix(". Did you mean 'magazine.example'?\n"), "\(misspelt.text)")
                let foreign = try await deployment.run(arguments + ["--site", "x"])
                #expect(foreign.text.hasSuffix(". The sites are default, magazine.example.\n"), "\(foreign.text)")
            }
            try deployment.write("a\n", to: "ids")
            for arguments in [["token"], ["simulate", "--url", "http://127.0.0.1:\(deployment.port)"], ["forget"]] {
                let misspelt = try await deployment.run(arguments + ["--site", "defualt"])
                let expected = "Error: the configuration has no site 'defualt'; did you mean 'default'?\n"
                #expect(misspelt.text == expected && misspelt.status == 65, "\(misspelt.text)")
            }
        }

        @Test("with no aggregator a report ends with 69 and says what to look at")
        func unreachable() async throws {
            let deployment = try Deployment()
            let report = try await deployment.run("report", "rule-1")
            #expect(report.status == 69)
            #expect(report.text.contains("analytics.sock") && report.text.contains("rule-outcomes-aggregator"))
        }

        @Test(
            "the demo shows that what 4,000 visitors saw and did is counted, and that the intervals hold the true rates"
        )
        func demo() async throws {
            let demo = try Demo(mode: "demo")
            #expect(await demo.process.waitForExit() == 0)
            await demo.process.waitForEnd()
            #expect(demo.process.text.contains("equal: 4160 visitors"), "\(demo.process.text)")
            #expect(demo.process.text.contains("4 of 4 intervals hold the true rate"), "\(demo.process.text)")
            // The README shows this very run.
            let readme = try String(
                contentsOf: Executables.repository.appendingPathComponent("README.md"), encoding: .utf8)
            let shown = try #require(readme.firstMatch(of: /```\n(outcome +conversion +true rate[^`]+)```/)?.1)
            #expect(demo.process.text.contains(shown), "\(demo.process.text)")
        }

        @Test("the demo's curl lines make a rate, a killed daemon is started again, and Ctrl-C ends everything")
        func demoRun() async throws {
            let demo = try Demo(mode: "run")
            await demo.process.wait(forText: "Ctrl-C stops everything")
            let page = try #require(demo.process.text.firstMatch(of: /Open (http:\S+)/)?.1)
            let front = try await TestHTTP.client.send(
                HTTPRequest(url: "\(page)", timeoutSeconds: 20, answerBytesMax: 1 << 20))
            #expect(front.status == 200 && front.headers["Set-Cookie"].count == 2)
            try await eventually("both are counted") {
                let text = try await demo.pasteCommands()
                #expect(text.ranges(of: "HTTP/1.1 201 Created").count == 3, "\(text)")
                return text.contains("100.0 %")
            }
            demo.process.killChild(named: "rule-outcomes-aggregator")
            await demo.process.wait(forText: "rule-outcomes-aggregator ended with status 137; starting it again")
            demo.process.killChild(named: "rule-outcomes-responder")
            await demo.process.wait(forText: "rule-outcomes-responder ended with status 137; starting it again")
            try await eventually("the curl lines answer 201 again") {
                try await demo.pasteCommands().ranges(of: "HTTP/1.1 201 Created").count == 3
            }
            demo.process.signalGroup(SIGINT)
            #expect(await demo.process.waitForExit() == 0)
            await demo.process.waitForEnd()
            #expect(
                demo.process.text.ranges(of: "notice rule-outcomes-responder: stopped").count == 1,
                "\(demo.process.text)")
            #expect(demo.process.text.ranges(of: "starting it again").count == 2, "\(demo.process.text)")
        }
    }
}

extension Deployment {
    /// Declares a group of the two outcomes that are simulated, and has it begin with that quarter of an hour since
    /// 1970. A new group begins with the next one, which a test does not wait for: the store is told otherwise.
    fileprivate func declareGroup(rule: String, startQuarter: Int) async throws {
        let text = try String(contentsOfFile: configurationPath, encoding: .utf8)
        try write("rules: rules.yaml\n" + text, to: "config.yaml")
        try write(
            """
            sites:
              default:
                rules:
                  \(rule):
                    groups:
                      autumn:
                        outcomes: {"graph/1#1,graph/1#2,graph/2#1": 1, "graph/1#1,graph/1#2,graph/2#2": 1}
                        baseline: "graph/1#1,graph/1#2,graph/2#1"
                        conversion: CUSTOMER
            """, to: "rules.yaml")
        try await startAggregator()
        try await eventually("the group is declared") {
            try await analytics("/v1/sites/default/outcomes?ruleId=\(rule)").body.contains("autumn")
        }
        aggregator?.signal(SIGTERM)
        _ = await aggregator?.waitForExit()
        let change = try RunningProcess(
            URL(fileURLWithPath: "/usr/bin/sqlite3"),
            [path("data/store.sqlite"), "UPDATE outcome_group SET start_quarter = \(startQuarter)"])
        #expect(await change.waitForExit() == 0)
    }
}
