import Foundation
import Journal
import Testing

extension IntegrationTests {
    @Suite("Counting anew, as an operator does it")
    struct RecountTests {
        private func stopAggregator(of deployment: Deployment) async {
            deployment.aggregator?.signal(SIGTERM)
            #expect(await deployment.aggregator?.waitForExit() == 0)
        }

        /// Runs the command, and starts the aggregator when it says so; returns all that it says.
        private func recount(_ deployment: Deployment) async throws -> String {
            let process = try RunningProcess(
                Executables.operatorTool, ["recount", "--yes", "--config", deployment.configurationPath])
            await process.wait(forText: "start the aggregator as always")
            #expect(process.text.contains("start the aggregator as always"), "\(process.text)")
            try await deployment.startAggregator()
            #expect(await process.waitForExit() == 0)
            await process.waitForEnd()
            return process.text
        }

        private func moveStoreAside(_ deployment: Deployment) throws {
            try FileManager.default.createDirectory(
                atPath: deployment.path("data/store.before-recount"), withIntermediateDirectories: false)
            try FileManager.default.moveItem(
                atPath: deployment.path("data/store.sqlite"),
                toPath: deployment.path("data/store.before-recount/store.sqlite"))
        }

        private func sqlite(_ deployment: Deployment, _ file: String, _ statement: String) async throws {
            let process = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/sqlite3"), [deployment.path(file), statement])
            #expect(await process.waitForExit() == 0, "\(process.text)")
        }

        @Test("what the journal has is counted anew, and nothing that was deleted; what was hidden stays hidden")
        func recount() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22", "article-22", "typo", "hidden"])
            #expect(try await deployment.run("hide", "hidden").status == 0)
            #expect(try await deployment.run("delete", "typo", "--yes").status == 0)
            await stopAggregator(of: deployment)
            let text = try await recount(deployment)
            #expect(text.hasPrefix("The journal has all 4 commits that there ever were.\n"), "\(text)")
            #expect(text.contains("counted up to commit 4 of 4\nall is counted anew"), "\(text)")
            #expect(try await deployment.counts().map(\.events) == [2])
            #expect(try await deployment.run("report", "typo").status == 65)
            #expect(try await deployment.run("rules", "--hidden").text.contains("hidden"))
            #expect(FileManager.default.fileExists(atPath: deployment.path("data/store.before-recount/store.sqlite")))
            // Once more would lose the first one.
            let again = try await deployment.run("recount", "--yes")
            #expect(again.status == 65 && again.text.contains("the store of an earlier recount"), "\(again.text)")
            #expect(try await deployment.counts().map(\.events) == [2])
        }

        @Test("a store that is damaged or gone is made again, and what the journal has no longer is told before")
        func damaged() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22", "article-22", "article-22"])
            await stopAggregator(of: deployment)
            let journal = try Journal(path: deployment.path("data/journal.sqlite"))
            let end = try #require(try journal.position(at: 1))
            #expect(try journal.shorten(through: end, committedBefore: .max) == 1)
            try journal.close()
            try deployment.write(String(repeating: "damaged ", count: 2000), to: "data/store.sqlite")
            let refused = try deployment.spawnAggregator()
            #expect(await refused.waitForExit() == 65)
            let asked = try await deployment.run("recount")
            #expect(asked.status == 1 && asked.text.hasSuffix("Error: nothing is changed\n"), "\(asked.text)")
            let text = try await recount(deployment)
            #expect(text.contains("The journal has 2 commits from "), "\(text)")
            #expect(text.contains("The 1 before these are counted no more"), "\(text)")
            #expect(text.contains("such as what was hidden and an erasure that is under way, is lost: "), "\(text)")
            #expect(try await deployment.counts().map(\.events) == [2])
        }

        @Test("a recount that died once the old store was aside is gone on with, whatever was left of it")
        func resumed() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22", "hidden"])
            #expect(try await deployment.run("hide", "hidden").status == 0)
            deployment.aggregator?.signal(SIGKILL)
            _ = await deployment.aggregator?.waitForExit()
            // The file is aside, and its log is not yet.
            try moveStoreAside(deployment)
            #expect(FileManager.default.fileExists(atPath: deployment.path("data/store.sqlite-wal")))
            try deployment.write("half of a store", to: "data/store.new.sqlite")
            let refused = try deployment.spawnAggregator()
            #expect(await refused.waitForExit() == 65)
            _ = try await recount(deployment)
            #expect(try await deployment.counts().map(\.events) == [1])
            // Which nothing but the log had.
            #expect(try await deployment.run("rules", "--hidden").text.contains("hidden"))
        }

        @Test("a store that is aside whole keeps the aggregator from beginning with another one")
        func aside() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22", "hidden"])
            #expect(try await deployment.run("hide", "hidden").status == 0)
            await stopAggregator(of: deployment)
            try moveStoreAside(deployment)
            let refused = try deployment.spawnAggregator()
            #expect(await refused.waitForExit() == 65)
            #expect(refused.text.contains("give `rule-outcomes recount` again"), "\(refused.text)")
            _ = try await recount(deployment)
            #expect(try await deployment.run("rules", "--hidden").text.contains("hidden"))
        }

        @Test("what a deletion that is under way has not come to in the journal is not counted again")
        func unfinishedDeletion() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22", "typo", "typo"])
            await stopAggregator(of: deployment)
            // As a deletion leaves it that an obstacle in the store keeps from its end.
            try await sqlite(
                deployment, "data/store.sqlite",
                "INSERT INTO deletion VALUES (CAST('default' AS BLOB), CAST('typo' AS BLOB), x'', 3)")
            _ = try await recount(deployment)
            #expect(try await deployment.counts().map(\.events) == [1])
            #expect(try await deployment.run("report", "typo").status == 65)
        }

        @Test("with a journal that has rotted nothing is exchanged")
        func rotten() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22", "article-22"])
            await stopAggregator(of: deployment)
            try await sqlite(
                deployment, "data/journal.sqlite",
                "UPDATE commits SET batch = zeroblob(length(batch)) WHERE sequence = 1")
            let refused = try await deployment.run("recount", "--yes")
            #expect(refused.status == 65, "\(refused.text)")
            #expect(FileManager.default.fileExists(atPath: deployment.path("data/store.sqlite")))
            #expect(!FileManager.default.fileExists(atPath: deployment.path("data/store.before-recount")))
        }

        @Test("while an aggregator runs nothing is touched, and it is told to stop it")
        func running() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await deployment.record(["article-22"])
            let refused = try await deployment.run("recount", "--yes")
            #expect(refused.status == 65 && refused.text.contains("stop it"), "\(refused.text)")
            #expect(!FileManager.default.fileExists(atPath: deployment.path("data/store.before-recount")))
            #expect(try await deployment.counts().map(\.events) == [1])
        }
    }
}
