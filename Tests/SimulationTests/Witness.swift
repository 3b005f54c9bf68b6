import Journal
import Records
import Synchronization

/// Reads the journal for itself, and keeps what it has seen there: what ought to be counted, and what was answered for.
final class Witness: Sendable {
    private struct State {
        /// The ids of each commit's records, those of commits that were removed since among them.
        var commits: [Int64: [RecordID]] = [:]
        var lastSequence: Int64 = 0
        var acknowledged: Set<RecordID> = []
        var violation: Violation?
    }

    private let disk: Disk
    /// How many ids the aggregator remembers.
    private let window: Int
    private let state = Mutex(State())

    init(disk: Disk, window: Int) {
        self.disk = disk
        self.window = window
    }

    /// What was answered for, all of it durable.
    var acknowledged: Set<RecordID> { state.withLock { $0.acknowledged } }

    /// What was found where nothing can be thrown.
    func check() throws(Violation) {
        if let violation = state.withLock({ $0.violation }) { throw violation }
    }

    /// How often each record ought to be counted by a store that has counted up to a commit.
    func counts(through sequence: Int64, after start: Int64 = 0) -> [RecordID: Int] {
        state.withLock { state in
            state.commits.filter { $0.key <= sequence && $0.key > start }.values.joined()
                .reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    /// An aggregator starts: what was answered for has to be there.
    func started(with journal: Journal) throws {
        try state.withLock { state in
            state.commits = state.commits.filter { $0.key <= journal.start.sequence }
            state.lastSequence = journal.start.sequence
            try disk.withoutFaults { try read(journal, into: &state) }
            let lost = state.acknowledged.subtracting(state.commits.values.joined())
            guard lost.isEmpty else { throw Violation("\(lost.count) records are lost that were answered for") }
        }
    }

    /// An aggregator is about to answer that these are durable.
    func answers(_ ids: [RecordID], from journal: Journal) {
        guard !disk.isDead else { return }
        state.withLock { state in
            do {
                let durable = try disk.withoutFaults {
                    try read(journal, into: &state)
                    return disk.isJournalDurable ? Set(state.commits.values.joined()) : try readDurable(state)
                }
                let count = ids.count { !durable.contains($0) }
                guard count == 0 else { throw Violation("\(count) records are answered for that are not durable") }
                state.acknowledged.formUnion(ids)
            } catch {
                state.violation = state.violation ?? error as? Violation ?? Violation("\(error)")
            }
        }
    }

    private func readDurable(_ state: State) throws -> Set<RecordID> {
        let (directory, path) = try disk.durableJournal()
        return try withExtendedLifetime(directory) {
            let copy = try Journal(path: path)
            defer { try? copy.close() }
            let removed = state.commits.filter { $0.key <= copy.start.sequence }.values.joined()
            return Set(removed).union(try copy.rows(after: copy.start).flatMap { try Self.ids(of: $0) })
        }
    }

    /// Reads the commits that it has not seen yet, each of which the journal verifies.
    private func read(_ journal: Journal, into state: inout State) throws {
        let seen = JournalPosition(
            sequence: state.lastSequence, checksum: try journal.position(at: state.lastSequence)?.checksum ?? 0)
        for row in try journal.rows(after: seen) {
            let ids = try Self.ids(of: row)
            for id in ids { try checkWindow(id, state.commits) }
            guard Set(ids).count == ids.count else { throw Violation("a record is twice in a commit") }
            state.commits[row.position.sequence] = ids
            state.lastSequence = row.position.sequence
        }
    }

    /// - Parameter commits: those before the record's own.
    private func checkWindow(_ id: RecordID, _ commits: [Int64: [RecordID]]) throws(Violation) {
        guard let sequence = commits.filter({ $0.value.contains(id) }).keys.max(), let own = commits[sequence],
            let place = own.firstIndex(of: id)
        else { return }
        let later = own.count - place - 1 + commits.filter { $0.key > sequence }.values.joined().count
        guard later >= window else {
            throw Violation("a record is recorded again after \(later) others, fewer than are remembered")
        }
    }

    private static func ids(of row: JournalRow) throws -> [RecordID] {
        try row.batch.withUnsafeBytes { try Record.decodeIDs($0) }
    }
}
