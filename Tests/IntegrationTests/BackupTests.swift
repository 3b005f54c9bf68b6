import Foundation
import Testing

extension IntegrationTests {
    @Suite("Backing up and restoring, as an operator does it")
    struct BackupTests {
        /// Records conversions of that many more visitors, and returns when `total` are counted.
        private func record(_ count: Int, total: Int, in deployment: Deployment) async throws {
            for _ in 0..<count {
                let request = ConversionRequest(cookie: "blaize_tracking_id=\(UUID().uuidString); blaize_session=s")
                // A responder whose aggregator was started just now may not be connected again. A retry counts once.
                try await eventually("it is recorded") { try await deployment.send(request).status == 201 }
            }
            #expect(try await deployment.counts().map(\.visitors) == [total])
        }

        @Test("what was backed up while all ran is counted after it was restored, and all goes on")
        func roundTrip() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await record(3, total: 3, in: deployment)
            let backup = try await deployment.run("backup", deployment.path("backups"))
            #expect(backup.status == 0, "\(backup.text)")
            #expect(
                backup.text.contains(
                    #/backups/[-0-9TZ]+: verified, \d+ KiB, up to commit \d of 20[^ ]+Z, all counted; the journal has 3 records/#
                ),
                "\(backup.text)")
            #expect(backup.text.contains("Not in it: the secrets"), "\(backup.text)")
            try await record(2, total: 5, in: deployment)
            let refused = try await deployment.run("restore", deployment.path("backups"))
            #expect(refused.status == 75, "\(refused.text)")
            #expect(
                refused.text.contains("an aggregator runs on this data directory; stop it first"), "\(refused.text)")
            try await deployment.stopAggregator()
            let restored = try await deployment.run("restore", deployment.path("backups"))
            #expect(restored.status == 0, "\(restored.text)")
            #expect(restored.text.contains("what was there before is in \(deployment.path("data"))/replaced-"))
            #expect(restored.text.hasSuffix("next: systemctl start rule-outcomes-aggregator, then look at a report\n"))
            #expect(!restored.text.contains("--trust-clock") && !restored.text.contains("warning"), "\(restored.text)")
            try await deployment.startAggregator()
            #expect(try await deployment.counts().map(\.visitors) == [3])
            try await record(2, total: 5, in: deployment)
        }

        @Test("backups that are made while visitors come are all whole, and visitors notice nothing")
        func underLoad() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let simulation = try RunningProcess(
                Executables.operatorTool,
                [
                    "simulate", "--url", "http://127.0.0.1:\(deployment.port)", "--rule", "rule-1", "--visitors",
                    "1500",
                    "--config", deployment.configurationPath,
                ])
            var count = 0
            repeat {
                let backup = try deployment.backingUpSlowly()
                #expect(await backup.waitForExit() == 0, "\(backup.text)")
                count += 1
            } while count < 50 && !["equal: ", "different: ", "Error"].contains { simulation.text.contains($0) }
            #expect(await simulation.waitForExit() == 0)
            await simulation.waitForEnd()
            #expect(simulation.text.contains("equal: "), "\(simulation.text)")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: deployment.path("backups")).count == min(count, 3))
            try await deployment.stopAggregator()
            #expect(try await deployment.run("restore", deployment.path("backups")).status == 0)
            try await deployment.startAggregator()
        }

        @Test("a restoration that is ended midway leaves no aggregator with nothing, and goes when it is given again")
        func killed() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await record(2, total: 2, in: deployment)
            #expect(try await deployment.run("backup", deployment.path("backups")).status == 0)
            for number in 1...7 {
                try await record(2, total: 4, in: deployment)
                try await deployment.stopAggregator()
                let killed = try deployment.restoring(killedAtRename: number)
                #expect(await killed.waitForExit() == 128 + SIGKILL, "\(number)")
                var before = [4]
                let started = try deployment.spawnAggregator()
                await started.wait(forText: "listening for analytics")
                await started.wait(forText: "listening for responders")
                if started.text.contains("listening for responders") {
                    let counted = try await deployment.counts().map(\.visitors)
                    #expect([[2], [4]].contains(counted), "\(number)")
                    // It has taken this for its own, and what was moved for the past.
                    before = counted
                    #expect(!FileManager.default.fileExists(atPath: deployment.path("data/replacing")))
                    try await deployment.stopAggregator()
                } else {
                    #expect(await started.waitForExit() == 65, "\(number): \(started.text)")
                }
                let again = try await deployment.run("restore", deployment.path("backups"))
                #expect(again.status == 0, "\(number): \(again.text)")
                // What was there can be had back.
                let place = try Self.replaced(again.text)
                #expect(try await deployment.run("restore", place).status == 0, "\(number)")
                try await deployment.startAggregator()
                #expect(try await deployment.counts().map(\.visitors) == before, "\(number)")
                try await deployment.stopAggregator()
                #expect(try await deployment.run("restore", deployment.path("backups")).status == 0)
                try await deployment.startAggregator()
                #expect(try await deployment.counts().map(\.visitors) == [2], "\(number)")
            }
        }

        @Test(
            "a user who may not read the data directory hears who may",
            .enabled(if: getuid() == 0, "gives up being root"))
        func otherUser() async throws {
            let deployment = try Deployment()
            try await deployment.startAggregator()
            chmod(deployment.path("data"), 0o700)
            mkdir(deployment.path("backups"), 0o777)
            chown(deployment.path("backups"), 65_534, 65_534)
            for (command, words) in [
                ("backup", "cannot be read by the user 'nobody'; run this as root"),
                ("restore", "holds no backup; name one"),
            ] {
                let tool = try deployment.tool(command, through: "exec setpriv --reuid=65534 --clear-groups")
                #expect(await tool.waitForExit() == 65)
                await tool.waitForEnd()
                #expect(tool.text.contains(words), "\(tool.text)")
            }
        }

        private static func replaced(_ text: String) throws -> String {
            String(try #require(text.firstMatch(of: #/before is in (.+);/#)?.1, "\(text)"))
        }

        @Test(
            "what was there before a restoration that was ended midway is kept together, and nothing of the backup with it",
            arguments: [true, false])
        func interrupted(hasStore: Bool) async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await record(2, total: 2, in: deployment)
            #expect(try await deployment.run("backup", deployment.path("backups")).status == 0)
            try await deployment.stopAggregator()
            let names = ["journal.sqlite"] + (hasStore ? ["store.sqlite"] : []) + ["subject.epoch"]
            for number in 1...(hasStore ? 7 : 6) {
                if !hasStore { unlink(deployment.path("data/store.sqlite")) }
                let before = try names.map { try deployment.inode("data/\($0)") }
                #expect(await (try deployment.restoring(killedAtRename: number)).waitForExit() == 128 + SIGKILL)
                let again = try await deployment.run("restore", deployment.path("backups"))
                #expect(again.status == 0, "\(number): \(again.text)")
                let place = try Self.replaced(again.text)
                #expect(try FileManager.default.contentsOfDirectory(atPath: place).sorted() == names, "\(number)")
                let name = "data/\(URL(fileURLWithPath: place).lastPathComponent)"
                #expect(try names.map { try deployment.inode("\(name)/\($0)") } == before, "\(number)")
            }
        }

        @Test(
            "by root what is restored is the data directory's owner's, and so is all that is done there",
            .enabled(if: getuid() == 0))
        func owner() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await record(1, total: 1, in: deployment)
            #expect(try await deployment.run("backup", deployment.path("backups")).status == 0)
            try await deployment.stopAggregator()
            let names = try FileManager.default.contentsOfDirectory(atPath: deployment.path("data"))
            for name in [""] + names { chown(deployment.path("data/\(name)"), 12_345, 23_456) }
            let restored = try await deployment.run("restore", deployment.path("backups"))
            #expect(restored.status == 0, "\(restored.text)")
            var status = stat()
            let all = try FileManager.default.subpathsOfDirectory(atPath: deployment.path("data"))
            #expect(all.contains { $0.hasPrefix("replaced-") } && all.contains("journal.sqlite"))
            for name in all {
                #expect(lstat(deployment.path("data/\(name)"), &status) == 0)
                #expect([status.st_uid, status.st_gid] == [12_345, 23_456], "\(name)")
            }
            // Where its user has no right, root does nothing for it.
            chmod(deployment.path("data"), 0o500)
            let refused = try await deployment.run("restore", deployment.path("backups"))
            #expect(refused.status != 0 && refused.text.contains("Permission denied"), "\(refused.text)")
        }

        @Test("without room it says how much it takes, and makes none", .enabled(if: getuid() == 0, "mounts a disk"))
        func noRoom() async throws {
            let deployment = try Deployment()
            try await deployment.startAggregator()
            mkdir(deployment.path("backups"), 0o700)
            let backup = try await deployment.tool("backup", withDiskOf: "1m", at: "backups")
            #expect(backup.status == 74)
            #expect(
                backup.text.contains("backups: no room: it takes 65 MiB, and its disk has 1 MiB free"), "\(backup.text)"
            )
            #expect(try await deployment.run("backup", deployment.path("backups")).status == 0)
            try await deployment.stopAggregator()
            let restored = try await deployment.tool("restore", withDiskOf: "64k", at: "data")
            #expect(restored.status == 74)
            #expect(restored.text.contains("data: no room: it takes 1 MiB"), "\(restored.text)")
        }
    }
}

extension Deployment {
    func stopAggregator() async throws {
        aggregator?.signal(SIGTERM)
        #expect(await aggregator?.waitForExit() == 0)
    }

    /// Runs `backup` or `restore` on the directory `backups`, in a shell's words behind others.
    fileprivate func tool(
        _ command: String, through words: String, in namespaces: [String] = ["/usr/bin/env"]
    ) throws -> RunningProcess {
        try RunningProcess(
            URL(fileURLWithPath: namespaces[0]),
            namespaces.dropFirst() + [
                Executables.shell.path, "-c",
                "\(words) '\(Executables.operatorTool.path)' \(command) --config '\(configurationPath)' '\(path("backups"))'",
            ])
    }

    /// The same, with a small disk over one of the directories.
    fileprivate func tool(
        _ command: String, withDiskOf size: String, at name: String
    ) async throws -> (status: Int32, text: String) {
        let tool = try tool(
            command, through: "mount -t tmpfs -o size=\(size),mode=0700 tmpfs '\(path(name))' && exec",
            in: ["/usr/bin/unshare", "-m"])
        let status = await tool.waitForExit()
        await tool.waitForEnd()
        return (status, tool.text)
    }

    /// Backs up, and waits before it opens each of the files, so that visitors come between one copy and the next.
    fileprivate func backingUpSlowly() throws -> RunningProcess {
        let files = ["store", "journal"].map { "-P '\(path("data/\($0).sqlite"))'" }.joined(separator: " ")
        return try tool(
            "backup", through: "exec strace -f -qq -o /dev/null \(files) -e inject=open,openat:delay_enter=300000")
    }

    /// Restores, and is killed as it is about to give a file another name for the nth time.
    fileprivate func restoring(killedAtRename number: Int) throws -> RunningProcess {
        try tool(
            "restore",
            through: "exec strace -f -qq -o /dev/null -e trace=rename,renameat,renameat2 "
                + "-e inject=rename,renameat,renameat2:signal=KILL:when=\(number)")
    }
}
