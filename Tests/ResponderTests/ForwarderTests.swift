import Records
import Testing

@testable import Responder

@Suite("The forwarder and an aggregator")
struct ForwarderTests {
    private let path = FakeAggregator.freePath()

    @Test("a connection begins with a hello, and no record comes before the welcome")
    func hello() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let connection = try await aggregator.accept()
            guard case .hello(let version, let epoch) = try await connection.receive() else {
                Issue.record("no hello")
                return
            }
            #expect(version == 4)
            #expect(epoch == SubjectEpoch(7))
            let fates = forwarder.forward([7])
            await forwarder.endOfTick()
            #expect(!connection.hasMore)
            try connection.send(.welcome(version: 4, inFlightMax: 10))
            #expect(try await connection.receiveNumbers() == [7])
            try connection.send(.committed(1))
            #expect(await fates.value == [.durable])
        }
    }

    @Test("the records of a tick come in one frame, in order, and a commit resumes who waits for them")
    func tick() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let connection = try await aggregator.welcome()
            for round in 0..<3 {
                let numbers = Array(round * 100..<round * 100 + 50)
                let fates = forwarder.forward(numbers)
                #expect(try await connection.receiveNumbers() == numbers)
                try connection.send(.committed(50))
                #expect(await fates.value == Array(repeating: .durable, count: 50))
            }
        }
    }

    @Test("each record has the fate that the answer in its place gives")
    func fates() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let connection = try await aggregator.welcome()
            let fates = forwarder.forward(1...5)
            #expect(try await connection.receiveNumbers(count: 5).numbers == [1, 2, 3, 4, 5])
            try connection.send(.committed(2), .refused(1, .journalFull), .committed(0), .refused(2, .journalFull))
            #expect(
                await fates.value == [.durable, .durable, .journalFull, .journalFull, .journalFull])
        }
    }

    @Test("frames that arrive byte by byte are understood")
    func byteByByte() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let connection = try await aggregator.accept()
            _ = try await connection.receive()
            for byte in AggregatorFrame.welcome(version: 4, inFlightMax: 10).encoded() {
                try connection.send(bytes: [byte])
                await forwarder.endOfTick()
            }
            let fates = forwarder.forward([1, 2])
            #expect(try await connection.receiveNumbers() == [1, 2])
            for byte in AggregatorFrame.committed(1).encoded() + AggregatorFrame.refused(1, .journalFull).encoded() {
                try connection.send(bytes: [byte])
                await forwarder.endOfTick()
            }
            #expect(await fates.value == [.durable, .journalFull])
        }
    }

    @Test("what the socket does not take at once comes later, whole and in order")
    func backlog() async throws {
        let count = 60_000
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let connection = try await aggregator.welcome()
            let fates = forwarder.forward(0..<count)
            await forwarder.endOfTick()
            let (numbers, frameCount) = try await connection.receiveNumbers(count: count)
            #expect(numbers == Array(0..<count))
            #expect(frameCount > 1)
            try connection.send(.committed(UInt32(count)))
            #expect(await fates.value.allSatisfy { $0 == .durable })
        }
    }

    @Test("no more records await an answer than the welcome allows, and the next follow the answers")
    func welcomeLimit() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let connection = try await aggregator.accept()
            _ = try await connection.receive()
            let fates = forwarder.forward(1...5)
            await forwarder.endOfTick()
            try connection.send(.welcome(version: 4, inFlightMax: 2))
            for numbers in [[1, 2], [3, 4], [5]] {
                #expect(try await connection.receiveNumbers() == numbers)
                await forwarder.endOfTick()
                #expect(!connection.hasMore)
                try connection.send(.committed(UInt32(numbers.count)))
            }
            #expect(await fates.value == Array(repeating: .durable, count: 5))
        }
    }

    @Test("one record too many is refused at once")
    func tooMany() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path, inFlightMax: 2) { forwarder in
            let connection = try await aggregator.welcome()
            let fates = forwarder.forward([1, 2])
            #expect(try await connection.receiveNumbers() == [1, 2])
            #expect(await forwarder.forward(3) == .tooManyInFlight)
            try connection.send(.committed(2))
            #expect(await fates.value == [.durable, .durable])
        }
    }

    @Test("tallies arrive, each answer counted in one of them")
    func tallies() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let connection = try await aggregator.welcome()
            let kinds = [
                TallyEntry.Kind(site: "default", status: 201, reason: "durable"),
                TallyEntry.Kind(site: "-", status: 500, reason: "site"),
            ]
            await forwarder.count([kinds[0], kinds[1], kinds[0]])
            let entries = try await connection.receiveTally()
            #expect(Set(entries) == [TallyEntry(kind: kinds[0], count: 2), TallyEntry(kind: kinds[1], count: 1)])
            await forwarder.count([kinds[1]])
            #expect(try await connection.receiveTally() == [TallyEntry(kind: kinds[1], count: 1)])
        }
    }

    @Test("how the responder is doing is told now and then, with what waits in the forwarder")
    func status() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path, figures: { [.connections: 3, .reloads: 2] }) { forwarder in
            let connection = try await aggregator.welcome()
            let earlier = WallClock.nowMilliseconds()
            let fates = forwarder.forward([1, 2])
            #expect(try await connection.receiveNumbers() == [1, 2])
            let status = try await connection.receiveStatus()
            #expect(status[.recordsInFlight] == 2)
            #expect(status[.connections] == 3)
            #expect(status[.reloads] == 2)
            #expect(status[.reloadsFailed] == nil)
            #expect((earlier...WallClock.nowMilliseconds()).contains(status.timeMilliseconds))
            try connection.send(.committed(2))
            #expect(await fates.value == [.durable, .durable])
        }
    }

    @Test("who still waits when the responder gives up hears that the deadline has passed")
    func givingUp() async throws {
        let aggregator = try FakeAggregator(path: path)
        try await RunningForwarder.use(path: path) { forwarder in
            let connection = try await aggregator.welcome()
            let fates = forwarder.forward([1, 2])
            #expect(try await connection.receiveNumbers() == [1, 2])
            await forwarder.giveUp()
            #expect(await fates.value == [.deadlinePassed, .deadlinePassed])
        }
    }

    @Test("a forwarder that stops sends what it has counted, closes the connection and comes back no more")
    func stopping() async throws {
        let aggregator = try FakeAggregator(path: path)
        let kind = TallyEntry.Kind(site: "default", status: 404, reason: "path")
        let connection = try await {
            var last: FakeConnection?
            try await RunningForwarder.use(path: path) { forwarder in
                let connection = try await aggregator.welcome()
                // An answer shows that the welcome has been read.
                let fates = forwarder.forward([1])
                _ = try await connection.receiveNumbers()
                try connection.send(.committed(1))
                #expect(await fates.value == [.durable])
                await forwarder.count([kind])
                last = connection
            }
            return try #require(last)
        }()
        #expect(try await connection.receiveTally() == [TallyEntry(kind: kind, count: 1)])
        #expect(try await connection.ends())
    }
}
