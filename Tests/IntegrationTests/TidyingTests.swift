import Analytics
import Foundation
import Testing

extension IntegrationTests {
    @Suite("Tidying, as an operator does it")
    struct TidyingTests {
        /// The list as people read it, and as programs do.
        private func listed(by deployment: Deployment, _ arguments: String...) async throws -> String {
            let process = try RunningProcess(
                Executables.operatorTool, ["rules"] + arguments + ["--config", deployment.configurationPath])
            #expect(await process.waitForExit() == 0)
            await process.waitForEnd()
            return process.text
        }

        /// Runs the command with something on standard input.
        private func delete(
            _ arguments: String, typing text: String, in deployment: Deployment
        ) async throws -> (status: Int32, text: String) {
            try deployment.write(text, to: "typed")
            let process = try RunningProcess(
                Executables.shell,
                [
                    "-c", "exec \"$0\" delete --config \"$1\" \(arguments) < \"$2\"", Executables.operatorTool.path,
                    deployment.configurationPath, deployment.path("typed"),
                ])
            let status = await process.waitForExit()
            await process.waitForEnd()
            return (status, process.text)
        }

        @Test("a hidden rule version leaves the lists of people, and no report; and comes back")
        func hide() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22", "typo"])
            let missing = try await deployment.run("hide", "tpyo")
            #expect(missing.status == 65 && missing.text.contains("has no rule version 'tpyo'"), "\(missing.text)")
            let hidden = try await deployment.run("hide", "typo")
            #expect(hidden.status == 0 && hidden.text == "1 rule version hidden\n", "\(hidden.text)")
            #expect(try await deployment.run("hide", "typo").text == "all of this was hidden already\n")
            let list = try await listed(by: deployment)
            #expect(!list.contains("typo") && list.contains("hidden: 1, which --hidden lists"), "\(list)")
            let others = try await listed(by: deployment, "--hidden")
            #expect(others.contains("typo") && !others.contains("article-22"), "\(others)")
            #expect(try await listed(by: deployment, "--format", "json").contains(#""hidden":true"#))
            let page = try await deployment.analytics("/console/default/rules").body
            #expect(page.contains("article-22") && !page.contains("typo") && page.contains("1 more hidden"), "\(page)")
            #expect(try await deployment.run("report", "typo").status == 0)
            // It outlasts a death.
            deployment.aggregator?.signal(SIGKILL)
            _ = await deployment.aggregator?.waitForExit()
            try await deployment.startAggregator()
            #expect(try await !listed(by: deployment).contains("typo"))
            let shown = try await deployment.run("hide", "typo", "--undo")
            #expect(shown.text == "1 rule version shown again\n", "\(shown.text)")
            #expect(try await listed(by: deployment).contains("typo"))
        }

        @Test("a hidden outcome leaves its rule version's reports, which say so")
        func hideOutcome() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            for outcome in ["graph/1#1", "graph/1#9"] {
                let request = ConversionRequest(
                    cookie: "blaize_tracking_id=v; blaize_session=s",
                    body: ConversionRequest.body(rule: "article-22", outcome: outcome))
                #expect(try await deployment.send(request).status == 201)
            }
            try await eventually("both are counted") { try await deployment.counts(rule: "article-22").count == 2 }
            #expect(
                try await deployment.run("hide", "article-22", "--outcome", "graph/1#9").text == "1 outcome hidden\n")
            let report = try await deployment.run("report", "article-22").text
            #expect(
                report.contains("Hidden outcomes are left out: graph/1#9.") && report.contains("graph/1#1 "),
                "\(report)")
            for format in ["csv", "zephr", "zephr-daily"] {
                let rows = try await deployment.run("report", "article-22", "--format", format).text
                #expect(rows.contains("graph/1#1") && !rows.contains("graph/1#9,"), "\(rows)")
            }
            #expect(
                try await deployment.run("hide", "article-22", "--outcome", "graph/1#9", "--undo").text
                    == "1 outcome shown again\n")
            #expect(try await deployment.counts(rule: "article-22").count == 2)
        }

        @Test("what is deleted is shown, asked for twice, counted no more, and not when the store is made anew")
        func delete() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22", "typo", "typo"])
            let refused = try await delete("typo", typing: "tpyo\n", in: deployment)
            #expect(refused.status == 1 && refused.text.hasSuffix("Error: nothing is deleted\n"), "\(refused.text)")
            #expect(refused.text.contains("'typo': outcomes: 1, exposures: 0, conversions: 2"), "\(refused.text)")
            #expect(try await delete("typo", typing: "", in: deployment).status == 1)
            #expect(try await listed(by: deployment).contains("typo"))
            let deleted = try await delete("typo", typing: "typo\n", in: deployment)
            #expect(deleted.status == 0, "\(deleted.text)")
            #expect(
                deleted.text.hasSuffix("1 rule version deleted; what is recorded from now on is counted anew\n"),
                "\(deleted.text)")
            #expect(
                deployment.aggregator?.text.contains("user \(getuid()) asks to delete: 'typo' of 'default'") == true)
            #expect(try await deployment.run("report", "typo").status == 65)
            #expect(try await delete("typo --yes", typing: "", in: deployment).status == 65)
            try await deployment.record(["typo"])
            // Whatever dies from here on.
            deployment.aggregator?.signal(SIGKILL)
            _ = await deployment.aggregator?.waitForExit()
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: deployment.path("data/store.sqlite\(suffix)"))
            }
            try await deployment.startAggregator()
            try await eventually("all is counted anew") {
                let counts = [
                    try await deployment.counts(rule: "typo"), try await deployment.counts(rule: "article-22"),
                ]
                return counts.map { $0.map(\.events) } == [[1], [1]]
            }
        }

        @Test("many rule versions at once are deleted together, and their place is free")
        func many() async throws {
            let deployment = try Deployment(aggregator: "rulesPerSiteMax: 3")
            try await deployment.start()
            try await deployment.record(["made-up-1", "made-up-2", "article-22"])
            let deleted = try await delete("made-up-1 made-up-2", typing: "2\n", in: deployment)
            #expect(deleted.status == 0 && deleted.text.contains("2 rule versions deleted"), "\(deleted.text)")
            try await deployment.record(["article-23"])
            let list = try await listed(by: deployment)
            #expect(list.contains("article-23") && !list.contains("(other)") && !list.contains("made-up"), "\(list)")
        }

        @Test("a rule version that a declared group compares is not deleted, and the reason is told")
        func group() async throws {
            let deployment = try Deployment(sites: Deployment.openSite + "\nrules: rules.yaml")
            try deployment.write(
                try String(
                    contentsOf: Executables.repository.appendingPathComponent("docs/rules.example.yaml"),
                    encoding: .utf8), to: "rules.yaml")
            try await deployment.start()
            try await deployment.record(["article-22"])
            let declined = try await delete("article-22 --yes", typing: "", in: deployment)
            #expect(
                declined.status == 65 && declined.text.contains("take the group out of the rules"), "\(declined.text)")
            #expect(try await deployment.counts(rule: "article-22").map(\.events).reduce(0, +) == 1)
        }

        @Test(
            "who may only forward records may not ask for it, and the log has who did",
            .enabled(if: getuid() == 0, "only root may run a program as another user"))
        func otherUser() async throws {
            let deployment = try Deployment(aggregator: "mode: \"0666\"")
            try await deployment.start()
            try await deployment.record(["article-22"])
            let process = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/setpriv"),
                [
                    "--reuid", "65534", "--regid", "65534", "--clear-groups", Executables.operatorTool.path, "hide",
                    "--undo", "article-22", "--config", deployment.configurationPath,
                ])
            #expect(await process.waitForExit() == 65)
            await process.waitForEnd()
            #expect(process.text.contains("only root, or the user that the aggregator runs as"), "\(process.text)")
            await deployment.aggregator?.wait(forText: "user 65534 asks to show rule versions, and may not")
            #expect(deployment.aggregator?.text.contains("user 65534 asks to show") == true)
        }
    }
}
