import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("Starts that cannot succeed, and full disks")
    struct FailureTests {
        @Test(
            "a mistake in the configuration ends both daemons with status 78 and one line that names file and line",
            arguments: [
                ("origins: [https://www.example.com]", "origins: [https://www.example.com/]", "config.yaml:12: "),
                ("session: presence", "sesion: presence", "config.yaml:13: "),
            ])
        func configuration(right: String, wrong: String, expected: String) async throws {
            let deployment = try Deployment()
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(text.replacing(right, with: wrong), to: "config.yaml")
            for executable in [Executables.responder, Executables.aggregator] {
                try await expect(executable, of: deployment, toEndWith: 78, saying: expected)
            }
        }

        @Test("an unusable subject secret ends the responder, and says which")
        func subjectSecret() async throws {
            let deployment = try Deployment()
            try deployment.write("short", to: "subject.secret")
            try await expect(Executables.responder, of: deployment, toEndWith: 78, saying: "subject.secret")
        }

        @Test("a socket in use ends the second daemon and leaves the first one serving")
        func socketsInUse() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            try await expect(Executables.responder, of: deployment, toEndWith: 69, saying: "responder.sock")
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try FileManager.default.createDirectory(atPath: deployment.path("data2"), withIntermediateDirectories: true)
            try deployment.write(text.replacing("dataDirectory: data", with: "dataDirectory: data2"), to: "config.yaml")
            try await expect(Executables.aggregator, of: deployment, toEndWith: 69, saying: "aggregator.sock")
            let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
            #expect(try await deployment.send(request).status == 201)
        }

        @Test("a socket that a killed daemon left is taken over")
        func staleSockets() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            for process in [deployment.responder, deployment.aggregator] {
                process?.signal(SIGKILL)
                _ = await process?.waitForExit()
            }
            #expect(FileManager.default.fileExists(atPath: deployment.path("responder.sock")))
            try await deployment.startAggregator()
            try await deployment.startResponder()
            let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
            #expect(try await deployment.send(request).status == 201)
        }

        @Test("a data directory that another aggregator uses, or that is missing or a file, ends the aggregator")
        func dataDirectory() async throws {
            let deployment = try Deployment()
            try await deployment.startAggregator()
            try await expect(
                Executables.aggregator, of: deployment, toEndWith: 65,
                saying: "another aggregator uses this data directory")
            deployment.aggregator?.signal(SIGTERM)
            #expect(await deployment.aggregator?.waitForExit() == 0)
            try FileManager.default.removeItem(atPath: deployment.path("data"))
            try await expect(
                Executables.aggregator, of: deployment, toEndWith: 65, saying: "/data: no such data directory")
            try deployment.write("", to: "data")
            try await expect(Executables.aggregator, of: deployment, toEndWith: 65, saying: "/data: ")
        }

        @Test("a data directory that may not be written to ends the aggregator")
        func unwritable() async throws {
            let deployment = try Deployment()
            // Root may write anywhere, except where the file system itself is read-only.
            let process = try deployment.unshared(
                "mount -t tmpfs -o ro tmpfs '\(deployment.path("data"))'")
            #expect(await process.waitForExit() == 65)
            #expect(process.text.contains("/data: "), "\(process.text)")
        }

        @Test("a store that is not its journal's is refused, and says what to restore")
        func foreignStore() async throws {
            let deployment = try Deployment()
            let other = try Deployment()
            for each in [deployment, other] {
                try await each.start()
                let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
                #expect(try await each.send(request).status == 201)
                #expect(try await each.counts().map(\.events) == [1])
                each.aggregator?.signal(SIGTERM)
                #expect(await each.aggregator?.waitForExit() == 0)
            }
            let files = FileManager.default
            try files.removeItem(atPath: deployment.path("data/store.sqlite"))
            try files.copyItem(atPath: other.path("data/store.sqlite"), toPath: deployment.path("data/store.sqlite"))
            try await expect(Executables.aggregator, of: deployment, toEndWith: 65, saying: "store.sqlite: ")
            // Without a store the journal, which is whole, fills a new one.
            try files.removeItem(atPath: deployment.path("data/store.sqlite"))
            try await deployment.startAggregator()
            #expect(try await deployment.counts().map(\.events) == [1])
        }

        @Test("a full disk is a 503, a freed one a 201 again, and every 201 is counted")
        func fullDisk() async throws {
            let deployment = try Deployment()
            let data = deployment.path("data")
            let process = try deployment.unshared(
                "mount -t tmpfs -o size=1m tmpfs '\(data)' && head -c 200000 /dev/zero > '\(data)/filler'")
            defer { process.signal(SIGKILL) }
            try await Self.expectRefusals(by: process, of: deployment) {
                try FileManager.default.removeItem(atPath: "/proc/\(process.processID)/root\(data)/filler")
            }
        }

        @Test("on a full disk SIGTERM ends the aggregator with status 0, whatever is left to fold")
        func terminatedWhenFull() async throws {
            let deployment = try Deployment()
            let process = try deployment.unshared(
                "mount -t tmpfs -o size=1m tmpfs '\(deployment.path("data"))'")
            await process.wait(forText: "listening for responders")
            try await deployment.startResponder()
            try await deployment.startNginx()
            var status = 201
            for visitor in 0..<20_000 where status == 201 {
                status = try await deployment.send(Self.large(visitor)).status
            }
            #expect(status == 503)
            process.signal(SIGTERM)
            #expect(await process.waitForExit() == 0, "\(process.text)")
        }

        @Test("on a full disk an aggregator starts, serves the reports, and records again once there is room")
        func startedWhenFull() async throws {
            let deployment = try Deployment()
            let data = deployment.path("data")
            // The file system outlives the aggregator: a shell that waits holds it.
            let shell = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/unshare"),
                (getuid() == 0 ? ["-m"] : ["-r", "-m"]) + [
                    "/bin/sh", "-c", "mount -t tmpfs -o size=2m tmpfs '\(data)' && echo mounted && exec sleep 600",
                ])
            defer { shell.signal(SIGKILL) }
            await shell.wait(forText: "mounted")
            func start() async throws -> RunningProcess {
                let process = try RunningProcess(
                    URL(fileURLWithPath: "/usr/bin/nsenter"),
                    [
                        "--target", "\(shell.processID)", "--mount", getuid() == 0 ? "--" : "--user",
                        Executables.aggregator.path, "--config", deployment.configurationPath,
                    ])
                await process.wait(forText: "listening for responders")
                await process.wait(forText: "listening for analytics")
                #expect(process.text.contains("listening for responders"), "\(process.text)")
                return process
            }
            var process = try await start()
            try await deployment.startResponder()
            try await deployment.startNginx()
            #expect(try await deployment.send(Self.large(0)).status == 201)
            #expect(try await deployment.counts().map(\.events) == [1])
            process.signal(SIGTERM)
            #expect(await process.waitForExit() == 0)
            let root = "/proc/\(shell.processID)/root\(data)"
            #expect(
                try Self.names(in: root) == ["journal.sqlite", "lock", "reserve", "store.sqlite", "subject.epoch"])
            let filler = try RunningProcess(
                Executables.shell, ["-c", "head -c 4000000 /dev/zero > \"$0/filler\"", root])
            #expect(await filler.waitForExit() != 0)
            process = try await start()
            #expect(process.text.contains("the disk is full"), "\(process.text)")
            await deployment.responder?.wait(forText: "connected to the aggregator", times: 2)
            #expect(try await deployment.counts().map(\.events) == [1])
            var statuses: [Int] = []
            while statuses.count < 20_000, statuses.filter({ $0 == 503 }).count < 5 {
                statuses.append(try await deployment.send(Self.large(statuses.count + 1)).status)
            }
            #expect(statuses.last == 503)
            // Killed now, and started on the very same disk.
            process.signal(SIGKILL)
            _ = await process.waitForExit()
            process = try await start()
            defer { process.signal(SIGKILL) }
            await deployment.responder?.wait(forText: "connected to the aggregator", times: 3)
            #expect(try await deployment.analytics("/v1/status").status == 200)
            try FileManager.default.removeItem(atPath: "\(root)/filler")
            try await eventually("it records again") {
                statuses.append(try await deployment.send(Self.large(statuses.count + 1)).status)
                return statuses.last == 201
            }
            let events = try await deployment.counts().reduce(0) { $0 + $1.events }
            #expect(events == 1 + statuses.filter { $0 == 201 }.count)
        }

        @Test(
            "a file that has reached the largest size allowed is a 503, one that may grow a 201 again",
            .disabled(if: FaultRun.isSanitized, "ThreadSanitizer maps a file, which the limit cuts under it"))
        func fileSizeLimit() async throws {
            let deployment = try Deployment()
            let process = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/prlimit"),
                ["--fsize=300000:", Executables.aggregator.path, "--config", deployment.configurationPath])
            defer { process.signal(SIGKILL) }
            try await Self.expectRefusals(by: process, of: deployment) {
                let lift = try RunningProcess(
                    URL(fileURLWithPath: "/usr/bin/prlimit"), ["--pid", "\(process.processID)", "--fsize=unlimited"])
                #expect(await lift.waitForExit() == 0)
            }
        }

        @Test("a quota that is used up is a 503, and a failed sync the end, whatever its error says")
        func quota() async throws {
            let deployment = try Deployment()
            try await deployment.startAggregator(tracedBy: [
                "-f", "-o", deployment.path("trace"), "-P", deployment.path("data/journal.sqlite-wal"),
                "-e", "trace=pwrite64,fdatasync,fsync", "-e", "inject=pwrite64:error=EDQUOT:when=20..60",
                "-e", "inject=fdatasync,fsync:error=EDQUOT:when=30",
            ])
            try await deployment.startResponder()
            try await deployment.startNginx()
            var statuses: [Int] = []
            while statuses.count < 200, statuses.last != 503 || Set(statuses).count < 2 {
                statuses.append(try await deployment.send(Self.large(statuses.count)).status)
            }
            while statuses.count < 200, statuses.last != 201 {
                statuses.append(try await deployment.send(Self.large(statuses.count)).status)
            }
            #expect(statuses.last == 201, "\(statuses)")
            let events = try await deployment.counts().reduce(0) { $0 + $1.events }
            #expect(events == statuses.filter { $0 == 201 }.count)
            while statuses.count < 400, deployment.aggregator?.text.contains(" critical ") == false {
                statuses.append(try await deployment.send(Self.large(statuses.count)).status)
            }
            #expect(await deployment.aggregator?.waitForExit() == 74)
        }

        @Test("an analytics socket that cannot be had ends the aggregator before it serves anyone")
        func analyticsSocket() async throws {
            let deployment = try Deployment(aggregator: "analyticsGroup: no-such-group")
            try await expect(Executables.aggregator, of: deployment, toEndWith: 69, saying: "no group 'no-such-group'")
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(
                text.replacing("  analyticsGroup: no-such-group", with: "")
                    .replacing("analyticsSocket: analytics.sock", with: "analyticsSocket: missing/analytics.sock"),
                to: "config.yaml")
            try await expect(Executables.aggregator, of: deployment, toEndWith: 69, saying: "missing does not exist")
        }

        /// Sends until the aggregator, which has been started and will soon lack room, refuses; and again once it has room.
        private static func expectRefusals(
            by process: RunningProcess, of deployment: Deployment, until makeRoom: () async throws -> Void
        ) async throws {
            await process.wait(forText: "listening for analytics")
            await process.wait(forText: "listening for responders")
            try await deployment.startResponder()
            try await deployment.startNginx()
            var statuses: [Int] = []
            while statuses.count < 20_000, statuses.filter({ $0 == 503 }).count < 20 {
                statuses.append(try await deployment.send(large(statuses.count)).status)
            }
            #expect(Set(statuses) == [201, 503])
            #expect(process.text.contains("journal.sqlite: no room"), "\(process.text)")
            try await makeRoom()
            #expect(try await deployment.send(large(statuses.count)).status == 201)
            statuses.append(201)
            let events = try await deployment.counts().reduce(0) { $0 + $1.events }
            #expect(events == statuses.filter { $0 == 201 }.count)
        }

        private static func names(in directory: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        }

        /// A request whose record takes a good part of a page.
        private static func large(_ visitor: Int) -> ConversionRequest {
            ConversionRequest(
                cookie: "blaize_tracking_id=v\(visitor); blaize_session=s",
                body: ConversionRequest.body(outcome: String(repeating: "graph/1#1,", count: 100)))
        }

        private func expect(
            _ executable: URL, of deployment: Deployment, toEndWith status: Int32, saying text: String
        ) async throws {
            let process = try RunningProcess(executable, ["--config", deployment.configurationPath])
            #expect(await process.waitForExit() == status)
            await process.waitForEnd()
            // What is risky though valid, and what the journal holds, may be told before.
            let lines = process.text.split(separator: "\n").filter { $0.contains(" critical ") }
            #expect(lines.count == 1, "\(process.text)")
            #expect(lines.first?.contains(text) == true, "\(process.text)")
        }
    }
}
