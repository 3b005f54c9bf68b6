import Records
import Testing
import TestSupport

@testable import Responder

@Suite("The forwarder and an aggregator that fails")
struct ForwarderFaultTests {
    private let path = FakeAggregator.freePath()

    @Test("when the connection breaks, what has no answer is sent again, in order, on the next one")
    func reconnecting() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let first = try await aggregator.welcome()
            let earlier = forwarder.forward(1...4)
            #expect(try await first.receiveNumbers() == [1, 2, 3, 4])
            try first.send(.committed(1))
            first.close()
            let second = try await aggregator.accept()
            guard case .hello = try await second.receive() else {
                Issue.record("no hello on the second connection")
                return
            }
            let later = forwarder.forward([5])
            await forwarder.endOfTick()
            try second.send(.welcome(version: 4, inFlightMax: 100))
            #expect(try await second.receiveNumbers() == [2, 3, 4, 5])
            try second.send(.committed(4))
            #expect(await earlier.value == Array(repeating: .durable, count: 4))
            #expect(await later.value == [.durable])
        }
    }

    @Test("a connection that breaks in the middle of a frame leaves nothing of it for the next one")
    func brokenFrame() async throws {
        let count = 60_000
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let first = try await aggregator.welcome()
            let fates = forwarder.forward(0..<count)
            await forwarder.endOfTick()
            #expect(first.hasMore)
            first.close()
            let second = try await aggregator.welcome()
            #expect(try await second.receiveNumbers(count: count).numbers == Array(0..<count))
            try second.send(.committed(UInt32(count)))
            #expect(await fates.value.allSatisfy { $0 == .durable })
        }
    }

    @Test(
        "what is no frame of an aggregator's ends the connection, and the next one resends",
        arguments: [
            [0, 0, 0, 0], [1, 0, 0, 0, 99], [1, 0, 0, 0, 1], [1, 0, 0, 0, 130], [6, 0, 0, 0, 130, 1, 0, 0, 0, 0],
            [6, 0, 0, 0, 131, 1, 0, 0, 0, 77], [0xFF, 0xFF, 0xFF, 0xFF], [1, 0, 16, 0], [3, 0, 0, 0, 132, 1, 7],
        ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) async throws {
        try await expectReconnect { try $0.send(bytes: bytes) }
    }

    @Test("answers for more records than were sent end the connection", arguments: [2, 1000, UInt32.max])
    func overAnswered(_ count: UInt32) async throws {
        try await expectReconnect { try $0.send(.committed(count)) }
    }

    @Test("an aggregator that says that it closes, and does, is connected to again")
    func closing() async throws {
        try await expectReconnect {
            try $0.send(.closing(reason: "a test"))
            $0.close()
        }
    }

    /// Lets `fail` end a connection on which one record has no answer.
    private func expectReconnect(_ fail: (FakeConnection) throws -> Void) async throws {
        let aggregator = try FakeAggregator(path: path)
        let log = LogRecorder()
        try await RunningForwarder.use(path: path, logger: log.logger) { forwarder in
            let first = try await aggregator.welcome()
            let fates = forwarder.forward([1])
            #expect(try await first.receiveNumbers() == [1])
            try fail(first)
            let second = try await aggregator.welcome()
            #expect(try await second.receiveNumbers() == [1])
            try second.send(.committed(1))
            #expect(await fates.value == [.durable])
            #expect(log.lines.contains { $0.contains(path) && $0.hasPrefix("warning") })
        }
    }

    @Test("answers before a welcome end the connection")
    func answerBeforeWelcome() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let fates = forwarder.forward([1])
            let first = try await aggregator.accept()
            _ = try await first.receive()
            try first.send(.committed(1))
            #expect(try await first.ends())
            let second = try await aggregator.welcome()
            #expect(try await second.receiveNumbers() == [1])
            try second.send(.committed(1))
            #expect(await fates.value == [.durable])
        }
    }

    @Test("a record that an aggregator never answers for is given up at its deadline")
    func silent() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path, deadlineMilliseconds: 20) { forwarder in
            let connection = try await aggregator.welcome()
            // The welcome has been read by then, so that the link is not down, however slow all this is.
            await forwarder.endOfTick()
            #expect(await forwarder.forward(1...3).value == Array(repeating: .deadlinePassed, count: 3))
            #expect(await forwarder.forward(4) == .deadlinePassed)
            withExtendedLifetime(connection) {}
        }
    }

    @Test("an aggregator that takes the connection and never says welcome is away in the end")
    func neverWelcome() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path, deadlineMilliseconds: 20) { forwarder in
            let connection = try await aggregator.accept()
            var fates: [ForwardingFate] = []
            while fates.last != .aggregatorAway { fates.append(await forwarder.forward(fates.count)) }
            #expect(fates.dropLast().allSatisfy { $0 == .deadlinePassed })
            withExtendedLifetime(connection) {}
        }
    }

    @Test("with no aggregator at all, a record waits for its deadline at first, and later ones are refused at once")
    func away() async throws {
        try await RunningForwarder.use(path: path, deadlineMilliseconds: 20) { forwarder in
            let fate = await forwarder.forward(1)
            #expect(fate == .deadlinePassed || fate == .aggregatorAway)
            #expect(await forwarder.forward(2) == .aggregatorAway)
        }
    }

    @Test("an aggregator that comes later gets what has waited for it")
    func comesLater() async throws {
        let log = LogRecorder()
        try await RunningForwarder.use(path: path, logger: log.logger) { forwarder in
            let fates = forwarder.forward([1, 2])
            await forwarder.endOfTick()
            #expect(log.lines.contains { $0.contains(path) && $0.contains("is rule-outcomes-aggregator running?") })
            let aggregator = try FakeAggregator(path: path)
            let connection = try await aggregator.welcome()
            #expect(try await connection.receiveNumbers() == [1, 2])
            try connection.send(.committed(2))
            #expect(await fates.value == [.durable, .durable])
        }
    }

    @Test("what is counted while no aggregator is there is told to the next one")
    func talliesWait() async throws {
        let kind = TallyEntry.Kind(site: "default", status: 503, reason: "aggregator-away")
        try await RunningForwarder.use(path: path) { forwarder in
            await forwarder.count([kind, kind])
            let aggregator = try FakeAggregator(path: path)
            let connection = try await aggregator.welcome()
            #expect(try await connection.receiveTally() == [TallyEntry(kind: kind, count: 2)])
        }
    }
}
