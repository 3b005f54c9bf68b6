import Records
import Storage

extension ClickHouseOutcomeStore {
    public func position() async throws(StorageError) -> FoldPosition? {
        try await change { (state) throws(StorageError) in try await self.position(&state) }
    }

    @discardableResult
    public func fold(
        _ batch: RecordBatch, declared: DeclaredNames, advancingTo position: FoldPosition, over time: Duration
    ) async throws(StorageError) -> FoldOverflow {
        try await change { (state) throws(StorageError) in
            if state.journalID == nil { state.journalID = position.journalID }
            let current = try await self.position(&state)
            guard position.journalID == state.journalID else {
                throw .positionRefused(store: self.name, reason: "it is open for another journal")
            }
            guard try position.isAhead(of: current, in: self.name) else { return FoldOverflow() }
            try await self.checkEpoch(state)
            let (ids, overflow) = try await self.ids(of: batch, declared, &state)
            let facts = Facts(batch, ids)
            try await self.store(facts, of: position)
            try await self.store(facts.calls, advancingTo: position, &state)
            state.position = position
            return overflow
        }
    }

    /// ClickHouse has answered that it has all that was folded, and tells of no sync.
    public func makeDurable() async throws(StorageError) {}

    private func position(_ state: inout State) async throws(StorageError) -> FoldPosition? {
        guard state.position == nil, let journalID = state.journalID else { return state.position }
        var rows = try await home.rows(
            """
            SELECT count, first, last FROM tally WHERE rule = 0 AND \(Tallies.condition(ofJournal: journalID))
            ORDER BY count DESC LIMIT 1
            """)
        guard !rows.isAtEnd else { return nil }
        let sequence = try rows.integer()
        let checksum = try rows.subject().value
        state.position = FoldPosition(journalID: journalID, sequence: sequence, checksum: checksum)
        return state.position
    }

    /// The ids of a batch's kinds; names that are new are stored.
    private func ids(
        of batch: RecordBatch, _ declared: DeclaredNames, _ state: inout State
    ) async throws(StorageError) -> (ids: [DimensionIDs], overflow: FoldOverflow) {
        var (ids, interner) = intern(batch, declared, try await names(&state))
        if !interner.table.added.bytes.isEmpty {
            // Another aggregator may have given them room, or have taken it.
            (ids, interner) = intern(batch, declared, try await reloadNames(&state, state.namesVersion))
        }
        try await keep(interner.table, &state)
        return (ids, interner.overflow)
    }

    private func intern(
        _ batch: RecordBatch, _ declared: DeclaredNames, _ names: NameTree
    ) -> ([DimensionIDs], DimensionInterner<NameTree>) {
        var interner = DimensionInterner(names, limits: limits, declared: declared)
        return (batch.kinds.map { interner.ids(of: $0) }, interner)
    }

    private func store(_ facts: Facts, of position: FoldPosition) async throws(StorageError) {
        let rows = facts.rows(position, shards: servers.count) { self.shard(of: $0) }
        let shards = Dictionary(uniqueKeysWithValues: zip(servers.map(\.address), rows))
        _ = try await onEach { (server) throws(StorageError) in
            try await server.insert(shards[server.address] ?? RowBinary(), into: "fact")
        }
    }

    private func store(
        _ calls: [Tallies.Key: Tallies.Sum], advancingTo position: FoldPosition, _ state: inout State
    ) async throws(StorageError) {
        let sequences = try await state.tallies.load(calls.keys, ofJournal: position.journalID, from: home)
        // A fold of this process that failed may stand there all the same, and what it counts is known. One of a process before
        // that came late is not, and would count twice.
        guard sequences.isSubset(of: state.attempts.union([state.position?.sequence ?? 0])) else {
            throw .positionRefused(
                store: name, reason: "what a process before this one sent has arrived only now; start again")
        }
        state.attempts.insert(position.sequence)
        let sums = state.tallies.adding(calls)
        var rows = Tallies.rows(sums, ofJournal: position.journalID)
        Tallies.add(position, to: &rows)
        try await home.insert(rows, into: "tally")
        state.tallies.take(sums)
        state.attempts = []
    }
}

/// What the records of a fold say, each once.
private struct Facts {
    private struct Key: Hashable {
        let ruleID: Int64
        let subject: Subject
        let outcomeID: Int64
        /// 0 for an exposure.
        let conversionID: Int64
        let quarter: Int64
    }

    /// No event is before or after; all that is computed with them stays an integer of 64 bits.
    private static let times: ClosedRange<Int64> = -(1 << 60)...(1 << 60)

    private var times: [Key: ClosedRange<Int64>] = [:]
    private(set) var calls: [Tallies.Key: Tallies.Sum] = [:]

    init(_ batch: RecordBatch, _ ids: [DimensionIDs]) {
        for entry in batch.entries {
            let names = ids[entry.kind]
            let time = min(max(entry.timeMilliseconds, Self.times.lowerBound), Self.times.upperBound)
            let quarter = Quarter(containing: time).number
            let key = Key(
                ruleID: names.rule, subject: entry.subject, outcomeID: names.outcome,
                conversionID: names.conversion ?? 0, quarter: quarter)
            let known = times[key] ?? time...time
            times[key] = min(known.lowerBound, time)...max(known.upperBound, time)
            calls[
                Tallies.Key(ruleID: names.rule, dimensionID: names.conversion ?? names.outcome, quarter: quarter),
                default: Tallies.Sum()
            ].add(1, time...time)
        }
    }

    /// Those of each shard.
    func rows(_ position: FoldPosition, shards: Int, shard: (Subject) -> Int) -> [RowBinary] {
        let (journal, rank) = (Positions.number(ofJournal: position.journalID), Positions.rank(of: position))
        var rows = [RowBinary](repeating: RowBinary(), count: shards)
        for (key, times) in times {
            rows[shard(key.subject)].append(
                key.ruleID, key.subject.high, key.subject.low, key.outcomeID, key.conversionID, times.lowerBound,
                times.upperBound, journal, rank)
        }
        return rows
    }
}

/// How far each journal is counted. What a fold has told before its position is written counts no earlier than that.
struct Positions: Equatable {
    /// The rank of the last commit, by a journal's number.
    private(set) var ranks: [Int64: Int64] = [:]

    /// A journal's id in fewer bytes.
    static func number(ofJournal id: UInt128) -> Int64 {
        Int64(truncatingIfNeeded: id ^ id >> 64)
    }

    /// The larger, the earlier in its journal.
    static func rank(of position: FoldPosition) -> Int64 {
        -position.sequence
    }

    mutating func add(_ sequence: Int64, ofJournal id: UInt128) {
        add(rank: -sequence, ofJournal: Self.number(ofJournal: id))
    }

    mutating func add(rank: Int64, ofJournal number: Int64) {
        ranks[number] = rank
    }

    /// Whether a row of the table `fact` counts.
    var condition: String {
        guard !ranks.isEmpty else { return "0" }
        let sorted = ranks.sorted { $0.key < $1.key }
        let (numbers, ranks) = (SQL.array(sorted.map(\.key)), SQL.array(sorted.map(\.value)))
        return "rank >= transform(journal, \(numbers), \(ranks), toInt64(\(Int64.max)))"
    }
}

/// How many calls a journal has of each outcome and conversion by quarters of an hour, so far.
struct Tallies {
    struct Key: Hashable {
        let ruleID: Int64
        let dimensionID: Int64
        let quarter: Int64
    }

    struct Sum {
        private(set) var count: Int64 = 0
        private(set) var times: ClosedRange<Int64>?

        mutating func add(_ more: Int64, _ range: ClosedRange<Int64>) {
            count += more
            times = times.map { min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound) } ?? range
        }
    }

    /// Those of the latest quarters are needed again with the next fold; all of 90 days would be some hundred thousand.
    private static let knownMax = 100_000
    /// A query's text may have 256 KiB.
    private static let keysPerQuery = 2_000

    private var known: [Key: Sum] = [:]

    static func condition(ofJournal id: UInt128) -> String {
        let subject = Subject(id)
        return "journal_high = \(subject.high) AND journal_low = \(subject.low)"
    }

    /// Reads the sums of these keys that are not known.
    ///
    /// - Returns: how far the journal was counted then, each time that the table was asked.
    mutating func load(
        _ keys: some Sequence<Key>, ofJournal journalID: UInt128, from server: ClickHouseServer
    ) async throws(StorageError) -> Set<Int64> {
        var sequences: Set<Int64> = []
        var missing = keys.filter { known[$0] == nil }[...]
        while !missing.isEmpty {
            let part = missing.prefix(Self.keysPerQuery)
            missing = missing.dropFirst(part.count)
            let list = part.map { "(\($0.ruleID),\($0.dimensionID),\($0.quarter))" }.joined(separator: ",")
            var rows = try await server.rows(
                """
                SELECT rule, dimension, quarter, max(count), min(first), max(last) FROM tally
                WHERE ((rule, dimension, quarter) IN (\(list)) OR rule = 0) AND \(Self.condition(ofJournal: journalID))
                GROUP BY rule, dimension, quarter
                """)
            var found = Dictionary(uniqueKeysWithValues: part.map { ($0, Sum()) })
            var sequence: Int64 = 0
            try rows.forEach { (row) throws(StorageError) in
                let key = Key(
                    ruleID: try row.integer(), dimensionID: try row.integer(), quarter: try row.integer())
                let (count, first, last) = (try row.integer(), try row.integer(), try row.integer())
                if key.ruleID == 0 { sequence = count } else { found[key]?.add(count, first...max(first, last)) }
            }
            // Only now: what could not be read is not known.
            known.merge(found) { $1 }
            sequences.insert(sequence)
        }
        return sequences
    }

    /// The sums with these calls in them.
    func adding(_ calls: [Key: Sum]) -> [Key: Sum] {
        Dictionary(
            uniqueKeysWithValues: calls.map { key, more in
                var sum = known[key] ?? Sum()
                if let times = more.times { sum.add(more.count, times) }
                return (key, sum)
            })
    }

    /// They stand in the table now. Not before that is any forgotten: a fold that failed may stand there as well, and one that
    /// begins again where it began counts from what was before it.
    mutating func take(_ sums: [Key: Sum]) {
        if known.count > Self.knownMax { known = [:] }
        known.merge(sums) { $1 }
    }

    static func rows(_ sums: [Key: Sum], ofJournal journalID: UInt128) -> RowBinary {
        let journal = Subject(journalID)
        var rows = RowBinary()
        for (key, sum) in sums {
            guard let times = sum.times else { continue }
            rows.append(
                key.ruleID, key.dimensionID, key.quarter, journal.high, journal.low, sum.count, times.lowerBound,
                times.upperBound)
        }
        return rows
    }

    static func add(_ position: FoldPosition, to rows: inout RowBinary) {
        let (journal, checksum) = (Subject(position.journalID), Subject(position.checksum))
        rows.append(0, 0, 0, journal.high, journal.low, position.sequence, checksum.high, checksum.low)
    }
}
