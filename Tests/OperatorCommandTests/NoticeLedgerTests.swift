import Analytics
import ConfigurationFile
import Foundation
import TestSupport
import Testing

@testable import OperatorCommand

@Suite("What was told, and what is to be told yet")
struct NoticeLedgerTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private static let one = Notice(.verdict, identity: ["one"], text: "one", facts: Notice.Facts())
    private static let two = Notice(.mismatch, identity: ["two"], text: "two", facts: Notice.Facts())
    private static let day: Int64 = 86_400_000

    /// Who is told by appending to a file, and ends with a status of its own.
    private func teller(status: Int = 0, file: String = "told") throws -> NoticeTeller {
        let script = "head -n 1 >> '\(directory.path)/\(file)'; exit \(status)"
        return try NoticeTeller(NotifyConfiguration(command: ["/bin/sh", "-c", script]), authorities: nil)
    }

    private func told(_ file: String = "told") -> [String] {
        let text = (try? String(contentsOfFile: "\(directory.path)/\(file)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// One run of the command, in a process of its own.
    private func run(_ notices: [Notice], _ teller: NoticeTeller, day: Int64 = 0) async throws -> [CommandFailure] {
        var ledger = try NoticeLedger(directory: directory.path)
        defer { ledger.close() }
        ledger.add(notices, by: teller.ways, at: day * Self.day)
        try ledger.save()
        return try await teller.tell(&ledger)
    }

    @Test("each is told once, over any number of runs, and a new one beside it")
    func once() async throws {
        #expect(try await run([Self.one], try teller()) == [])
        #expect(try await run([Self.one], try teller()) == [])
        #expect(try await run([Self.one, Self.two], try teller()) == [])
        #expect(try await run([], try teller()) == [])
        #expect(try await run([Self.one], try teller()) == [])
        #expect(told() == ["one", "two"])
    }

    @Test("what could not be told is told by a later run, although it is not so any more")
    func later() async throws {
        let failures = try await run([Self.one, Self.two], try teller(status: 3, file: "failed"))
        #expect(failures.count == 1 && failures.first?.status == 69)
        #expect(
            failures.first?.text.contains("ended with") == true
                && failures.first?.text.contains("2 notices are told") == true)
        #expect(told("failed") == ["one", "two"])
        #expect(try await run([], try teller()) == [])
        #expect(told() == ["one", "two"])
    }

    @Test("one whose telling a death cut short, before it was marked, is told again")
    func death() async throws {
        var ledger = try NoticeLedger(directory: directory.path)
        ledger.add([Self.one], by: [.command], at: 0)
        try ledger.save()
        // It would be told here, and then the process dies.
        ledger.close()
        #expect(try await run([], try teller()) == [])
        #expect(told() == ["one"])
    }

    @Test("one that is always refused holds no other up, and a way that fails is left alone after some")
    func refused() async throws {
        let script =
            "read -r text; echo \"$text\" >> '\(directory.path)/tried'; [ \"$text\" != one ] && [ \"$text\" != bad ]"
        let picky = try NoticeTeller(NotifyConfiguration(command: ["/bin/sh", "-c", script]), authorities: nil)
        #expect(try await run([Self.one, Self.two], picky).count == 1)
        #expect(told("tried") == ["one", "two"])
        // The next run begins with what has not failed yet.
        let three = Notice(.noData, identity: ["three"], text: "three", facts: Notice.Facts())
        let bad = (0..<4).map { Notice(.noData, identity: ["\($0)"], text: "bad", facts: Notice.Facts()) }
        #expect(try await run([three] + bad, picky).count == 1)
        #expect(told("tried").dropFirst(2) == ["one", "three", "bad", "bad"])
        #expect(try await run([], picky).count == 1)
        #expect(told("tried").dropFirst(6) == ["bad", "bad", "one"])
    }

    @Test("a program that does not end is killed, and what it has started with it")
    func endless() async throws {
        let script = "sleep 600 & echo $! > '\(directory.path)/child'; wait"
        let command = try #require(NoticeCommand(["/bin/sh", "-c", script], secondsMax: 1))
        let failure = await #expect(throws: NoticeFailure.self) {
            try await command.send(Self.one, at: Timestamp(milliseconds: 0))
        }
        #expect(failure?.text == "/bin/sh did not end within 1 s, and was killed")
        let child = try #require(pid_t(told("child").joined()))
        #expect(kill(child, 0) != 0 && errno == ESRCH || isZombie(child))
    }

    /// Whoever it was left to may not have taken notice of its end yet.
    private func isZombie(_ process: pid_t) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status?.split(separator: ")").last?.hasPrefix(" Z") == true
    }

    @Test("a program that is not there fails, and loses nothing")
    func absent() async throws {
        let absent = try NoticeTeller(NotifyConfiguration(command: ["/nowhere/at-all"]), authorities: nil)
        let failures = try await run([Self.one], absent)
        #expect(failures.first?.text.contains("/nowhere/at-all cannot be run") == true)
        #expect(try await run([], try teller()) == [])
        #expect(told() == ["one"])
    }

    @Test(
        "by each way once: where one fails the other is not told again, and one that is not configured any more waits for nothing"
    )
    func ways() throws {
        var ledger = try NoticeLedger(directory: directory.path)
        ledger.add([Self.one], by: [.command, .webhook], at: 0)
        ledger.mark(Self.one.id, toldBy: .command, at: 0)
        #expect(ledger.pending.map(\.ways) == [[.webhook]])
        ledger.add([Self.one], by: [.command, .webhook], at: 0)
        #expect(ledger.pending.map(\.ways) == [[.webhook]])
        ledger.add([Self.one], by: [.command], at: 0)
        #expect(ledger.pending == [])
        ledger.add([Self.one], by: [.command, .webhook], at: 0)
        #expect(ledger.pending == [])
    }

    @Test("what was told is remembered for as long as it is so, and 400 days")
    func memory() throws {
        var ledger = try NoticeLedger(directory: directory.path)
        ledger.add([Self.one, Self.two], by: [.command], at: 0)
        ledger.mark(Self.one.id, toldBy: .command, at: 0)
        ledger.mark(Self.two.id, toldBy: .command, at: 0)
        ledger.add([Self.one], by: [.command], at: 399 * Self.day)
        ledger.add([Self.one, Self.two], by: [.command], at: 401 * Self.day)
        #expect(ledger.pending.map(\.notice) == [Self.two])
    }

    @Test("what is told only once it lasts is told after so many hours, over runs, and begins anew when it was not so")
    func lasting() throws {
        func look(_ notices: [Notice], hour: Int64) throws -> [Notice] {
            var ledger = try NoticeLedger(directory: directory.path)
            defer { ledger.close() }
            let lasting = ledger.lasting(notices.map { ($0, hour * 3_600_000) }, hours: 24)
            try ledger.save()
            return lasting
        }
        #expect(try look([Self.one], hour: 0) == [])
        #expect(try look([Self.one, Self.two], hour: 23) == [])
        #expect(try look([Self.one, Self.two], hour: 24) == [Self.one])
        #expect(try look([Self.two], hour: 46) == [])
        #expect(try look([Self.one, Self.two], hour: 47) == [Self.two])
        // A clock that was ahead, and was set right.
        #expect(try look([Self.one], hour: 1) == [])
        #expect(try look([Self.one], hour: 25) == [Self.one])
    }

    @Test("a file of before there was anything that has to last is read, and what it has told is not told again")
    func before() async throws {
        let file = #"{"pending":[],"told":[{"id":"\#(Self.one.id)","lastSo":0}],"version":1}"#
        try file.write(toFile: "\(directory.path)/\(NoticeLedger.name)", atomically: true, encoding: .utf8)
        #expect(try await run([Self.one, Self.two], try teller()) == [])
        #expect(told() == ["two"])
    }

    @Test("root leaves a file that the directory's owner goes on with", .enabled(if: geteuid() == 0))
    func owner() throws {
        let nobody: uid_t = 65_534
        #expect(chown(directory.path, nobody, nobody) == 0)
        try WholeFile.replace("\(directory.path)/file", with: [1, 2], mode: 0o600)
        var status = stat()
        #expect(stat("\(directory.path)/file", &status) == 0 && status.st_uid == nobody && status.st_gid == nobody)
        #expect(status.st_mode & 0o777 == 0o600 && status.st_size == 2)
    }

    @Test("two at once do not tell the same: the second ends, and says why")
    func both() throws {
        let first = try NoticeLedger(directory: directory.path)
        #expect { try NoticeLedger(directory: directory.path) } throws: { error in
            let failure = error as? CommandFailure
            return failure?.status == 75 && failure?.text.contains("another `rule-outcomes notify` is at work") == true
        }
        first.close()
        let second = try NoticeLedger(directory: directory.path)
        second.close()
    }

    @Test(
        "a file that is none is no reason to tell all again",
        arguments: ["", "{", "{\"version\":2,\"pending\":[],\"told\":[]}"])
    func damaged(text: String) throws {
        try text.write(toFile: "\(directory.path)/notices.json", atomically: true, encoding: .utf8)
        #expect { try NoticeLedger(directory: directory.path) } throws: { error in
            let failure = error as? CommandFailure
            return failure?.status == 65 && failure?.text.contains("is told once more") == true
        }
    }

    @Test("a directory that is not there is named, and what would be right")
    func noDirectory() {
        #expect { try NoticeLedger(directory: "/nowhere/at-all") } throws: { error in
            let failure = error as? CommandFailure
            return failure?.status == 74 && failure?.text.contains("make it, for the user that runs this") == true
        }
    }

    @Test("the secret of a webhook is one that can be used, and its file holds one URL")
    func files() throws {
        func file(_ text: String) throws -> KeyFile {
            let path = "\(directory.path)/file"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return KeyFile(path: path, configurationFile: "config.yaml", line: 3)
        }
        let base64 = Data(repeating: 7, count: 32).base64EncodedString()
        #expect(try NoticeWebhook.secret(in: file("whsec_\(base64)\n")) == [UInt8](repeating: 7, count: 32))
        #expect(try NoticeWebhook.secret(in: file(base64)).count == 32)
        for text in [
            "", "whsec_", "whsec_AAAA", "not base64!", "\(base64)\n\(base64)", String(repeating: "A", count: 92),
        ] {
            #expect(throws: ConfigurationError.self, "\(text)") { try NoticeWebhook.secret(in: file(text)) }
        }
        #expect(
            try NoticeWebhook.url(in: file(" https://x.example/services/T0\n")).text == "https://x.example/services/T0")
        for text in ["http://x.example/", "x.example", "https://u:p@x.example/", ""] {
            #expect(throws: ConfigurationError.self, "\(text)") { try NoticeWebhook.url(in: file(text)) }
        }
    }
}
