import Analytics
import Foundation
import Testing

extension IntegrationTests {
    @Suite("Status and metrics")
    struct StatusTests {
        private static let good = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")

        @Test("the answers of every responder add up, by site, status and reason")
        func answers() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let another = try await deployment.startAnotherResponder(socket: "another.sock")
            defer { another.signal(SIGTERM) }
            for _ in 0..<3 { #expect(try await deployment.send(Self.good).status == 201) }
            #expect(try await deployment.send(Self.good.with { $0.body = "{" }).status == 400)
            let connection = try FastCGIConnection(unix: deployment.path("another.sock"))
            for _ in 0..<2 {
                try connection.send(FastCGIBytes.request())
                #expect(connection.answer()?.hasPrefix("Status: 201 ") == true)
            }
            try await eventually("both have told") {
                let answers = try await deployment.status().answers
                return Set(answers.map { "\($0.site) \($0.status) \($0.reason) \($0.count)" })
                    == ["default 201 durable 5", "default 400 json 1"]
            }
            try await eventually("each has told how it is doing") {
                let responders = try await deployment.status().responders
                let processes = [another, try #require(deployment.responder)].map { Int($0.processID) }
                return Set(responders.map(\.processId)) == Set(processes)
                    && responders.allSatisfy { $0.connections != nil && $0.recordsInFlight == 0 }
            }
            let table = try await deployment.run("status").text
            #expect(table.contains("durable") && table.contains("\(another.processID)"), "\(table)")
        }

        @Test("a verdict comes first, and with --check the exit status says it, too")
        func verdict() async throws {
            let deployment = try Deployment()
            let away = try await deployment.run("status", "--check")
            #expect(away.status == 2 && away.text.hasPrefix("critical: the analytics socket "), "\(away.text)")
            try await deployment.startAggregator()
            let alone = try await deployment.run("status", "--check")
            #expect(alone.status == 2, "\(alone.text)")
            #expect(
                alone.text.hasPrefix("critical: No responder is connected, so nothing is recorded. "), "\(alone.text)")
            try await deployment.startResponder()
            try await eventually("it has told that it is there") { try await !deployment.status().responders.isEmpty }
            let healthy = "healthy: 1 responder is connected, and reports are up to date\n"
            let whole = try await deployment.run("status", "--check")
            #expect(whole.status == 0 && whole.text == healthy, "\(whole.text)")
            #expect(try await deployment.run("status").text.hasPrefix(healthy))
        }

        @Test("ids that are evidently mistakes are counted like any other, and told wherever somebody looks")
        func mistakes() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let health = "/console/default/health"
            #expect(try await deployment.analytics(health).body.contains("nobody filled in") == false)
            for (rule, conversion) in [
                ("{{ruleId}}", "C"), ("{{ruleId}}", "undefined"), ("r", "[object Object]"), ("r", "C"),
            ] {
                let body = ConversionRequest.body(rule: rule, conversion: conversion)
                #expect(try await deployment.send(Self.good.with { $0.body = body }).status == 201)
            }
            #expect(try await deployment.counts(rule: "{{ruleId}}").map(\.events) == [1, 1])
            #expect(
                try await deployment.status().mistakes.map { "\($0.site) \($0.field) \($0.mistake) \($0.count)" } == [
                    "default conversion object 1", "default conversion undefined 1", "default ruleId template 2",
                ])
            let metrics = try await deployment.analytics("/metrics").body
            #expect(metrics.contains(#"mistaken_records_total{site="default",field="ruleId",mistake="template"} 2"#))
            let table = try await deployment.run("status").text
            #expect(table.contains(/default +ruleId +template +2/), "\(table)")
            let page = try await deployment.analytics(health).body
            #expect(page.contains("2 records have a template that nobody filled in, such as {{ruleId}} as ruleId."))
            #expect(page.contains("1 record has “undefined” as conversion.") && !page.contains("All is well"))
        }

        @Test("promtool finds nothing wrong with the alerts, and each fires when it has to and is silent otherwise")
        func alerts() async throws {
            let repository = Executables.repository.path
            for arguments in [
                ["check", "rules", "\(repository)/docs/alerts.yaml"],
                ["test", "rules", "\(repository)/Tests/AlertTests/alerts.test.yaml"],
            ] {
                let process = try RunningProcess(Executables.promtool, arguments)
                #expect(await process.waitForExit() == 0)
                await process.waitForEnd()
                #expect(process.text.contains("SUCCESS"), "\(process.text)")
            }
        }

        @Test(
            "each metric that an alert or the dashboard looks at is one that there is, but for those of groups, which need weeks"
        )
        func alertedMetrics() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let mistaken = Self.good.with { $0.body = ConversionRequest.body(conversion: "undefined") }
            #expect(try await deployment.send(mistaken).status == 201)
            try await eventually("the responder has told") {
                let status = try await deployment.status()
                return !status.answers.isEmpty && !status.mistakes.isEmpty
                    && status.responders.allSatisfy { $0.connections != nil }
            }
            let metrics = try await deployment.analytics("/metrics").body
            for (file, countMin) in [("docs/alerts.yaml", 10), ("docs/dashboard.json", 3)] {
                let looking = try String(
                    contentsOf: Executables.repository.appendingPathComponent(file), encoding: .utf8)
                let names = Set(looking.matches(of: /rule_outcomes_[a-z_]+/).map { String($0.output) })
                    .filter { !$0.hasPrefix("rule_outcomes_group_") && !$0.hasPrefix("rule_outcomes_guardrail_") }
                #expect(names.count > countMin)
                for name in names { #expect(metrics.contains("\n\(name)"), "\(name)") }
            }
        }

        @Test("promtool finds nothing wrong with the metrics")
        func promtool() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            #expect(try await deployment.send(Self.good).status == 201)
            #expect(try await deployment.counts().map(\.visitors) == [1])
            try await eventually("the responder has told") {
                let status = try await deployment.status()
                return !status.answers.isEmpty && status.responders.allSatisfy { $0.connections != nil }
            }
            let metrics = try await deployment.analytics("/metrics").body
            for line in [
                #"rule_outcomes_answers_total{site="default",door="conversions",status="201",reason="durable"} 1"#,
                "rule_outcomes_records_total 1", "rule_outcomes_commit_records_count 1",
                "rule_outcomes_journal_backlog_commits 0", "rule_outcomes_fold_age_seconds 0.0",
                "rule_outcomes_records_in_flight 0", "rule_outcomes_responders 1",
                #"rule_outcomes_dimension_names{site="default",dimension="rules"} 1"#,
            ] { #expect(metrics.contains("\n\(line)\n"), "\(metrics)") }
            try deployment.write(metrics, to: "metrics.txt")
            let check = try RunningProcess(
                Executables.shell,
                ["-c", "exec \"$0\" check metrics < \"$1\"", Executables.promtool.path, deployment.path("metrics.txt")])
            #expect(await check.waitForExit() == 0)
            await check.waitForEnd()
            #expect(check.text == "")
        }
    }
}
