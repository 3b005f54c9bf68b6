import Foundation
import Testing

extension IntegrationTests {
    @Suite("Forgetting visitors, as an operator does it")
    struct ForgettingTests {
        private static let rules = (1...5).map { "rule-\($0)" }

        /// The visitor `a` under five rule versions, and others under one.
        private func record(in deployment: Deployment) async throws {
            for rule in Self.rules {
                #expect(try await deployment.send(Self.conversion(of: "a", rule: rule)).status == 201)
            }
            for visitor in 0..<20 {
                #expect(try await deployment.send(Self.conversion(of: "v\(visitor)")).status == 201)
            }
            #expect(try await deployment.counts(rule: "rule-1").map(\.visitors) == [21])
        }

        private static func conversion(of visitor: String, rule: String = "rule-1") -> ConversionRequest {
            ConversionRequest(
                cookie: "blaize_tracking_id=\(visitor); blaize_session=s", body: ConversionRequest.body(rule: rule))
        }

        @Test(
            "a backup that reads one of the files is named and waited for, and then nothing is left in any file",
            arguments: ["journal", "store"])
        func reader(name: String) async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await record(in: deployment)
            let pseudonym = try await deployment.pseudonymUnderAllRules()
            let reader = try deployment.reader(of: "data/\(name).sqlite")
            await reader.wait(forText: "reading")
            let forgetting = try deployment.forgetting("a\n")
            await forgetting.wait(
                forText: "waiting: process \(reader.processID) (sqlite3) is using \(name).sqlite", times: 1)
            #expect(try deployment.files(holding: pseudonym) != [])
            #expect(!forgetting.text.contains("erased"), "\(forgetting.text)")
            // All else goes on.
            #expect(try await deployment.send(Self.conversion(of: "later")).status == 201)
            #expect(try await deployment.counts(rule: "rule-1").map(\.visitors) == [22])
            reader.signal(SIGKILL)
            #expect(await forgetting.waitForExit() == 0)
            await forgetting.waitForEnd()
            #expect(
                forgetting.text.hasSuffix("1 tracking id: erased, 5 counting once for each rule version\n"),
                "\(forgetting.text)")
            #expect(try deployment.files(holding: pseudonym) == [])
            #expect(try await deployment.counts(rule: "rule-1").map(\.visitors) == [22])
        }

        @Test(
            "where the aggregator is not shown others' processes, as in the package, it says what to type to see who reads",
            .enabled(if: getuid() == 0, "a /proc of its own needs root"))
        func hiddenReader() async throws {
            let deployment = try Deployment()
            // As ProtectProc=invisible does it; root is shown everything.
            let aggregator = try deployment.unshared(
                "mount -t proc -o hidepid=invisible proc /proc && chown -R nobody '\(deployment.directory.path)'",
                by: "setpriv --reuid=nobody --regid=nogroup --clear-groups")
            defer { aggregator.signal(SIGKILL) }
            await aggregator.wait(forText: "listening for responders")
            try await deployment.startResponder()
            try await deployment.startNginx()
            #expect(try await deployment.send(Self.conversion(of: "a")).status == 201)
            try await eventually("it is counted") { try await deployment.subjectCount() == 1 }
            let reader = try deployment.reader(of: "data/journal.sqlite")
            defer { reader.signal(SIGKILL) }
            await reader.wait(forText: "reading")
            let forgetting = try deployment.forgetting("a\n")
            let number = reader.processID
            let hint = "(run 'ps -fp \(number)' as root to see what it is)"
            await forgetting.wait(forText: " is using journal.sqlite")
            reader.signal(SIGKILL)
            #expect(await forgetting.waitForExit() == 0, "\(forgetting.text)")
            let waiting = "waiting: process \(number) \(hint) is using journal.sqlite"
            #expect(forgetting.text.contains(waiting), "\(forgetting.text)")
        }

        @Test(
            "visitors of a site that the configuration no longer has are erased, too, and are erased alone where it is named"
        )
        func removedSite() async throws {
            let old = """
                  old.example:
                    origins: [https://old.example]
                    session: presence
                """
            let deployment = try Deployment(sites: Deployment.openSite + "\n" + old)
            try await deployment.start()
            let visitors = ["a", "b"]
            for visitor in visitors {
                let connection = try FastCGIConnection(unix: deployment.path("responder.sock"))
                try connection.send(
                    FastCGIBytes.request(parameters: [("SITE", "old.example"), ("TRACKING_COOKIE", visitor)]))
                #expect(connection.answer()?.contains("Status: 201") == true)
            }
            try await eventually("both are counted") { try await deployment.subjectCount() == 2 }
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(text.replacing(old, with: ""), to: "config.yaml")
            try await deployment.reload(deployment.aggregator, saying: "reloaded")
            let named = try await deployment.run("forget", "--site", "older.example")
            #expect(named.status == 65 && named.text.contains("no site 'older.example'"), "\(named.text)")
            let first = try deployment.forgetting("a\n", of: "old.example")
            #expect(await first.waitForExit() == 0)
            await first.waitForEnd()
            #expect(
                first.text.hasSuffix("1 tracking id: erased, 1 counting once for each rule version\n"), "\(first.text)")
            let second = try await deployment.forget("a\nb\n")
            #expect(second.status == 0)
            #expect(second.text.contains("'old.example' is not in the configuration any more"), "\(second.text)")
            #expect(
                second.text.hasSuffix("2 tracking ids: erased, 1 counting once for each rule version\n"),
                "\(second.text)")
            #expect(try await deployment.subjectCount() == 0)
        }

        @Test("an aggregator that is killed midway goes on when it starts, and the command says what to do")
        func killed() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await record(in: deployment)
            let pseudonym = try await deployment.pseudonymUnderAllRules()
            let reader = try deployment.reader(of: "data/journal.sqlite")
            await reader.wait(forText: "reading")
            let forgetting = try deployment.forgetting("a\n")
            await forgetting.wait(forText: "waiting: process")
            deployment.aggregator?.signal(SIGKILL)
            #expect(await forgetting.waitForExit() == 69)
            await forgetting.waitForEnd()
            #expect(forgetting.text.contains("give the command again"), "\(forgetting.text)")
            reader.signal(SIGKILL)
            _ = await reader.waitForExit()
            #expect(try deployment.files(holding: pseudonym) != [])
            try await deployment.startAggregator()
            let again = try await deployment.forget("a\n")
            #expect(again.status == 0 && again.text.hasSuffix("1 tracking id: nothing was kept\n"), "\(again.text)")
            #expect(try deployment.files(holding: pseudonym) == [])
        }

        @Test("on a full disk it waits, and is done once there is room for the logs, though not for a copy of a file")
        func fullDisk() async throws {
            let deployment = try Deployment()
            let data = deployment.path("data")
            let process = try deployment.unshared("mount -t tmpfs -o size=48m tmpfs '\(data)'")
            defer { process.signal(SIGKILL) }
            await process.wait(forText: "listening for responders")
            await process.wait(forText: "listening for analytics")
            let root = "/proc/\(process.processID)/root\(data)"
            try await deployment.startResponder()
            try await deployment.startNginx()
            let load = Load { [port = deployment.port] name, _ in
                try await Deployment.send(
                    ConversionRequest(
                        cookie: "blaize_tracking_id=\(name); blaize_session=s",
                        body: ConversionRequest.body(outcome: String(repeating: "graph/1#1,", count: 100))), port: port
                ).status
            }
            let sending = load.start(concurrency: 16)
            try await eventually("the journal is larger than what will be left") {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(root)/journal.sqlite")
                return (attributes[.size] as? Int ?? 0) > 8 << 20
            }
            load.stop()
            await sending.value
            let before = try await deployment.counts().reduce(0) { $0 + $1.events }
            let filler = try RunningProcess(Executables.shell, ["-c", "cat /dev/zero > \"$0/filler\"", root])
            #expect(await filler.waitForExit() != 0)
            let forgetting = try deployment.forgetting("CONVERSION-1\nCONVERSION-2\n")
            await forgetting.wait(forText: "no room")
            #expect(forgetting.text.contains("waiting: ") && !forgetting.text.contains("erased"), "\(forgetting.text)")
            // Room for what the logs hold, and for nothing that is as long as the journal.
            let truncation = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/truncate"), ["--size=-6000000", "\(root)/filler"])
            #expect(await truncation.waitForExit() == 0)
            #expect(await forgetting.waitForExit() == 0)
            await forgetting.waitForEnd()
            #expect(forgetting.text.contains("2 tracking ids: erased, 2 counting"), "\(forgetting.text)")
            #expect(try await deployment.send(Self.conversion(of: "later", rule: "article-22")).status == 201)
            #expect(try await deployment.counts().reduce(0) { $0 + $1.events } == before + 1)
        }
    }
}

extension Deployment {
    /// How many subjects the store has, counted once for each rule version.
    fileprivate func subjectCount() async throws -> Int {
        let query = try RunningProcess(
            URL(fileURLWithPath: "/usr/bin/sqlite3"),
            ["-readonly", path("data/store.sqlite"), "SELECT count(*) FROM subject"])
        await query.waitForEnd()
        return try #require(Int(query.text.trimmingCharacters(in: .newlines)))
    }

    /// The pseudonym of the only visitor whom the store has under every rule version, as its table has it.
    func pseudonymUnderAllRules() async throws -> Data {
        let query = try RunningProcess(
            URL(fileURLWithPath: "/usr/bin/sqlite3"),
            [
                "-readonly", path("data/store.sqlite"),
                "SELECT printf('%016x%016x', subject_high, subject_low) FROM subject "
                    + "GROUP BY subject_high, subject_low HAVING count(*) = 5",
            ])
        #expect(await query.waitForExit() == 0)
        await query.waitForEnd()
        let digits = Array(query.text.utf8.prefix(32))
        return Data(
            try stride(from: 0, to: 32, by: 2).map { index in
                try #require(UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16))
            })
    }

    /// The files of the data directory that hold these bytes.
    func files(holding bytes: Data) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path("data")).filter { name in
            let content = try Data(contentsOf: URL(fileURLWithPath: path("data/\(name)")))
            return content.range(of: bytes) != nil
        }
    }

    /// A process that reads a file's state as it is now until it is ended, as a backup does.
    fileprivate func reader(of file: String) throws -> RunningProcess {
        try write("BEGIN;\nSELECT 'reading' FROM sqlite_schema LIMIT 1;\n", to: "reader.sql")
        // Its input is a pipe that never ends.
        return try RunningProcess(
            Executables.shell,
            [
                "-c", "rm -f \"$2\"; mkfifo \"$2\" && exec sqlite3 -batch -init \"$0\" \"$1\" <> \"$2\"",
                path("reader.sql"), path(file), path("reader.input"),
            ])
    }

    /// The aggregator in a mount namespace of its own, after `preparation`, a shell command; run by the command `runner`, where
    /// there is one.
    func unshared(_ preparation: String, by runner: String = "") throws -> RunningProcess {
        try RunningProcess(
            URL(fileURLWithPath: "/usr/bin/unshare"),
            (getuid() == 0 ? ["-m"] : ["-r", "-m"]) + [
                "/bin/sh", "-c", "\(preparation) && exec \(runner) \"$0\" --config \"$1\"", Executables.aggregator.path,
                configurationPath,
            ])
    }
}
