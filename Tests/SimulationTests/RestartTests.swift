import EventLoop
import Journal
import Testing

/// What an aggregator finds at a start it answers for, so it has to be durable.
extension SimulationTests {
    private static let dayMilliseconds: Int64 = 24 * 60 * 60 * 1000

    @Test("a commit that a start finds is durable, although the process before died before its sync was done")
    func deathBeforeSync() throws {
        let found = try (0..<12).map { operation in
            try Self.found(seed: UInt64(operation)) { $0.arm(.death, afterOperations: operation) }
        }
        #expect(!found.contains { !$0.isDurable })
        #expect(Set(found.map(\.sequence)) == [1, 2], "some commits are there, and some are not")
    }

    @Test("a commit that a start finds is durable, although its sync failed")
    func failedSync() throws {
        for seed in 0..<20 as Range<UInt64> {
            let found = try Self.found(seed: seed) { $0.arm(.syncing, afterOperations: 0) }
            #expect(found.isDurable, "seed \(seed)")
            #expect(found.sequence == 2)
        }
    }

    @Test("what the power takes from the store, the journal still has, however old it is")
    func shortenedJournal() async throws {
        let disk = try Disk(seed: 1)
        defer { disk.unmount() }
        let loop = try EventLoop()
        try loop.startThread()
        let (clock, witness) = (SimulatedClock(), Witness(disk: disk, window: 1))
        func start() async throws -> SimulatedAggregator {
            try await SimulatedAggregator(
                loop: loop, disk: disk, clock: clock, witness: witness, recordIDsKept: 1, inFlightMax: 1)
        }
        let first = try await start()
        for request in 0..<3 {
            var batch: [UInt8] = []
            Requests.record(of: request, atMilliseconds: clock.wallMilliseconds).encode(into: &batch)
            try first.journal.append(batch: batch, recordCount: 1, nowMilliseconds: clock.wallMilliseconds)
        }
        clock.pass(milliseconds: 8 * Self.dayMilliseconds)
        // Nothing goes before the clock has been sound for a day.
        _ = try await first.keep(anew: false)
        clock.pass(milliseconds: Self.dayMilliseconds)
        #expect(try await first.foldAll() == nil)
        while try await first.keep(anew: false) {}
        #expect(first.journal.start.sequence == 2)
        disk.die()
        try await first.close()
        disk.revive(powerFailed: true)
        let second = try await start()
        #expect(try await second.foldAll() == nil)
        #expect(try await Requests.counts(in: second.store) == [0: 1, 1: 1, 2: 1])
        try await second.close()
        await loop.stop()
    }

    /// Commits, commits again while a fault comes, and starts anew: the last commit then, and whether the power may fail.
    private static func found(seed: UInt64, fault: (Disk) -> Void) throws -> (sequence: Int64, isDurable: Bool) {
        let disk = try Disk(seed: seed)
        defer { disk.unmount() }
        let first = try Journal(path: disk.journal)
        try first.append(batch: [1], recordCount: 1, nowMilliseconds: 0)
        fault(disk)
        _ = try? first.append(batch: [2], recordCount: 1, nowMilliseconds: 0)
        disk.die()
        try? first.close()
        disk.revive(powerFailed: false)
        let second = try Journal(path: disk.journal)
        let found = (second.lastPosition.sequence, disk.isJournalDurable)
        try second.close()
        return found
    }
}
