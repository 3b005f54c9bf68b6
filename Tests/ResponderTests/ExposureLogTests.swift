import Dispatch
import Records
import Foundation
import EventLoop
import Testing

@testable import Responder

@Suite("nginx's log of exposures")
struct ExposureLogTests {
    private static let outcome = TallyEntry.Outcome(ruleID: "article-22", outcomeID: "graph/1#1")

    private static func kind(_ reason: String, site: String = "default", outcome: TallyEntry.Outcome? = nil)
        -> TallyEntry.Kind
    {
        TallyEntry.Kind(site: site, door: .log, status: 0, reason: reason, outcome: outcome)
    }

    @Test("a line's exposures are forwarded, and counted by outcome once they are durable")
    func recorded() async throws {
        try await RunningExposureLog.use { running in
            try running.send(TestLine())
            #expect(await running.counted() == [Self.kind("durable", outcome: Self.outcome)])
            #expect(running.records.map(\.event) == [.exposure(Exposure(ruleID: "article-22", outcomeID: "graph/1#1"))])
            #expect(running.logLines.isEmpty)
        }
    }

    @Test(
        "what does not become durable is counted by reason",
        arguments: [
            (ForwardingFate.tooManyInFlight, "in-flight"), (.aggregatorAway, "aggregator-away"),
            (.deadlinePassed, "deadline"), (.journalFull, "journal-full"),
        ])
    func lost(fate: ForwardingFate, reason: String) async throws {
        try await RunningExposureLog.use(forward: { _ in fate }) { running in
            try running.send(TestLine())
            #expect(await running.counted() == [Self.kind(reason, outcome: Self.outcome)])
        }
    }

    @Test("what is passed over is counted by reason, and by outcome where that was read")
    func passedOver() async throws {
        try await RunningExposureLog.use { running in
            try running.send(
                TestLine().with("exclude", "bot"), TestLine().with("trackingId", ""), TestLine().with("site", "other"),
                TestLine().with("outcomes", "[]"), TestLine().with("id", "x"), TestLine().with(head: ""))
            #expect(
                await running.counted(6) == [
                    Self.kind("excluded:bot"), Self.kind("tracking-id", outcome: Self.outcome),
                    Self.kind("site", site: "-"), Self.kind("empty"), Self.kind("request-id", outcome: Self.outcome),
                    Self.kind("syslog", site: "-"),
                ])
            #expect(running.records.isEmpty)
        }
    }

    @Test(
        "what nginx answered by itself is counted as the endpoint's answers are, and so is all else of a line in part bad"
    )
    func parts() async throws {
        try await RunningExposureLog.use { running in
            try running.send(.answered("429"))
            let answer = TallyEntry.Kind(site: "default", door: .conversions, status: 429, reason: "nginx")
            #expect(await running.counted() == [answer])
            let pairs = #"[{"ruleId":"article-22","outcomeId":"graph/1#1","conversion":"CLICKED"},{},{}]"#
            try running.send(TestLine().with("outcomes", pairs))
            let kinds = await running.counted(3)
            #expect(kinds == [Self.kind("field"), Self.kind("field"), Self.kind("durable", outcome: Self.outcome)])
            #expect(running.records.map(\.event.conversionName) == ["CLICKED"])
        }
    }

    @Test("an nginx that shows the first of several headers alone is told of once, and no other is")
    func firstHeaders() async throws {
        try await RunningExposureLog.use { running in
            try running.send(TestLine(), TestLine().with("nginx", "1.23.0"))
            _ = await running.counted(2)
            #expect(running.logLines.isEmpty)
            try running.send(TestLine().with("nginx", "1.22.1"), TestLine().with("nginx", "1.22.1"))
            _ = await running.counted(2)
            #expect(running.logLines.count == 1)
            #expect(running.logLines.first?.contains("let the origin send one X-Rule-Outcomes") == true)
        }
    }

    @Test("an empty datagram, and one that is too long, are passed over as others are, and do not end the log")
    func extremes() async throws {
        try await RunningExposureLog.use { running in
            let longest = Limits.logLineBytesMax - TestLine().with("more", "").bytes.count
            try running.send([])
            try running.send(TestLine().with("more", String(repeating: "x", count: longest)))
            try running.send(TestLine().with("more", String(repeating: "x", count: longest + 1)))
            try running.send(TestLine())
            let reasons = await running.counted(4).map(\.reason)
            // A durable one is counted in a task of its own.
            #expect(reasons.sorted() == ["durable", "durable", "syslog", "too-long"])
        }
    }

    @Test("a burst is read to its end, however many turns of the loop that takes")
    func burst() async throws {
        try await RunningExposureLog.use { running in
            let count = 5 * ExposureLog.linesPerTurnMax
            let line = TestLine().with("exclude", "bot").bytes
            // On a thread that may wait until there is room.
            let sent = Task.detached { for _ in 0..<count { try UnixSocketPath(running.path).sendDatagram(line) } }
            #expect(await running.counted(count).count == count)
            try await sent.value
        }
    }

    @Test("at the stop what lies in the socket is read, what is in hand is waited for, and the path goes")
    func stopping() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let hold: @Sendable (Record) async -> ForwardingFate = { _ in
            for await _ in gate.prefix(1) {}
            return .durable
        }
        try await RunningExposureLog.use(forward: hold) { running in
            try running.send(TestLine())
            await running.log.stopReading()
            #expect(!FileManager.default.fileExists(atPath: running.path))
            #expect(running.records.count == 1)
            let finished = Task { await running.log.finish() }
            open.yield()
            #expect(await running.counted().map(\.reason) == ["durable"])
            await finished.value
        }
    }

    @Test("the log tells what is wrong, at most once a second of each kind, and quotes nothing of the line")
    func telling() async throws {
        try await RunningExposureLog.use { running in
            let marker = "secret7a1e"
            for _ in 0..<3 { try running.send(TestLine().with("trackingId", marker).with("site", json: nil)) }
            _ = await running.counted(3)
            #expect(running.logLines.count == 1)
            #expect(running.logLines.first?.contains("no line could be read so far") == true)
            let bad = TestLine().with("trackingId", marker).with("outcomes", marker)
            for _ in 0..<3 { try running.send(bad) }
            _ = await running.counted(3)
            #expect(running.logLines.count == 2)
            #expect(
                running.logLines.last?.contains("is passed over: in the origin's header there is something") == true)
            #expect(running.logLines.allSatisfy { !$0.contains(marker) })
        }
    }
}
