import Foundation
import Testing

extension IntegrationTests {
    @Suite("The operator's tool and the demo")
    struct OperatorToolTests {
        @Test("simulate sends known traffic through nginx and finds it counted; the reports agree with each other")
        func simulate() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let simulation = try await deployment.run(
                "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--rule", "rule-1",
                "--visitors",
                "200", "--conversions", "500")
            #expect(simulation.status == 0, "\(simulation.text)")
            #expect(simulation.text.contains("equal: "))
            let rows = try await deployment.counts(rule: "rule-1")
            #expect(rows.reduce(0) { $0 + $1.events } >= 500)
            let csv = try await deployment.run("report", "rule-1", "--format", "csv")
            #expect(csv.text.split(separator: "\r\n").count == rows.count + 1)
            let table = try await deployment.run("report", "rule-1")
            for row in rows { #expect(table.text.contains("\(row.visitors)")) }
            #expect(try await deployment.run("rules").text.contains("rule-1"))
            try await eventually("the responder has told of its answers") {
                try await deployment.run("status").text.contains("durable")
            }
        }

        @Test("simulate ends with a status other than 0 when the report differs from what was sent")
        func difference() async throws {
            let deployment = try Deployment()
            let elsewhere = try Deployment()
            try await deployment.start()
            try await elsewhere.startAggregator()
            let simulation = try await deployment.run(
                "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--visitors", "20",
                "--conversions", "40", "--socket", elsewhere.path("analytics.sock"))
            #expect(simulation.status == 1, "\(simulation.text)")
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

        @Test("with no aggregator a report ends with 69 and says what to look at")
        func unreachable() async throws {
            let deployment = try Deployment()
            let report = try await deployment.run("report", "rule-1")
            #expect(report.status == 69)
            #expect(report.text.contains("analytics.sock") && report.text.contains("rule-outcomes-aggregator"))
        }

        @Test("the demo sends 2,000 conversions of 1,000 visitors and shows that all are counted")
        func demo() async throws {
            let demo = try Demo(mode: "demo")
            #expect(await demo.process.waitForExit() == 0)
            await demo.process.waitForEnd()
            #expect(demo.process.text.contains("equal: 1000 visitors"), "\(demo.process.text)")
        }

        @Test("the demo's curl lines make a rate, a killed daemon is started again, and Ctrl-C ends everything")
        func demoRun() async throws {
            let demo = try Demo(mode: "run")
            await demo.process.wait(forText: "Ctrl-C stops everything")
            try await eventually("both are counted") {
                let text = try await demo.pasteCommands()
                #expect(text.ranges(of: "HTTP/1.1 201 Created").count == 2, "\(text)")
                return text.contains("100.0 %")
            }
            demo.process.killChild(named: "rule-outcomes-aggregator")
            await demo.process.wait(forText: "rule-outcomes-aggregator ended with status 137; starting it again")
            demo.process.killChild(named: "rule-outcomes-responder")
            await demo.process.wait(forText: "rule-outcomes-responder ended with status 137; starting it again")
            try await eventually("the curl lines answer 201 again") {
                try await demo.pasteCommands().ranges(of: "HTTP/1.1 201 Created").count == 2
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
