import Journal
import Testing

/// What an aggregator finds at a start it answers for, so it has to be durable.
extension SimulationTests {
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
