import Records
import Storage

/// What a row of the table `settled` is, besides a measure.
enum Settled {
    /// A subject whose facts count no more, and are on their way out.
    static let subject: Int64 = 0
    /// A count of subjects that were active in a quarter of an hour.
    static let activity: Int64 = 100
    /// A subject that is to be settled: under one rule version, or under all of them where that is 0.
    static let candidate: Int64 = -1
    /// How far a journal was counted when they were settled: what it told until then is removed.
    static let position: Int64 = -2
    /// A row that means nothing.
    static let nothing: Int64 = -3
}

/// Whose facts are settled: those of the candidates, under which rule versions.
enum SettledFacts {
    case everywhere
    case underRule

    /// Subjects stand in no query's text, which ClickHouse may keep in its logs.
    var condition: String {
        switch self {
        case .everywhere:
            "(high, low) IN (SELECT high, low FROM settled WHERE measure = \(Settled.candidate))"
        case .underRule:
            "(rule, high, low) IN (SELECT rule, high, low FROM settled WHERE measure = \(Settled.candidate))"
        }
    }
}

/// Subjects are settled when they are kept no more and stay counted: what they are counted for is written down, and their
/// facts are deleted.
extension ClickHouseOutcomeStore {
    /// For so long an aggregator that says it settles is believed. It takes seconds.
    private static let claimMilliseconds: Int64 = 3_600_000
    /// For so long others are waited for.
    private static let patience = Duration.seconds(5)

    /// Runs `body` while no other aggregator settles anybody: two that settled the same ones would count them twice.
    ///
    /// Each says that it settles, then looks whether another has said so, too, and takes it back if there is one. Of two at
    /// once none may go on then, and never both.
    func settling<Value: Sendable>(
        _ state: State, _ body: () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let journal = String(state.journalID ?? UInt128.random(in: .min ... .max), radix: 16)
        let start = ContinuousClock.now
        while true {
            let now = WallClock.nowMilliseconds()
            try await settings.set([journal: now], .settling)
            let claims: [String: Int64] = try await settings.all(.settling)
            if !claims.contains(where: { $0.key != journal && abs(now - $0.value) < Self.claimMilliseconds }) { break }
            try await release(journal)
            guard start.duration(to: .now) < Self.patience else {
                throw .unavailable(
                    store: name, reason: "another aggregator erases; this one goes on by itself after that")
            }
            do {
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...500)))
            } catch {
                throw .cancelled(store: name)
            }
        }
        let value: Value
        do throws(StorageError) {
            // Those of one who died meanwhile.
            for server in servers { try await server.removeSettled() }
            value = try await body()
        } catch {
            try? await release(journal)
            throw error
        }
        try await release(journal)
        return value
    }

    /// Takes it back that a journal's aggregator settles, in a task of its own: one that is cancelled would leave it there.
    private func release(_ journal: String) async throws(StorageError) {
        let failure = await Task { () async -> StorageError? in
            do throws(StorageError) {
                try await settings.set([journal: Int64?.none], .settling)
                return nil
            } catch {
                return error
            }
        }.value
        if let failure { throw failure }
    }

    /// Keeps what is counted of the candidates, and takes away what is told of them; returns how many there were, one for each
    /// rule version.
    ///
    /// Their counts are written in one part with the word that they are settled. From then on their facts count no more, so
    /// a death at any moment leaves each of them counted once, and who settles them again finds none.
    func settle(_ facts: SettledFacts, on server: ClickHouseServer) async throws(StorageError) -> Int {
        // What a fold tells whose position is not written yet is left to it.
        let positions = try await positions()
        let histories = try await histories(facts, positions, on: server)
        var rows = RowBinary()
        for (ruleID, subjects) in Dictionary(grouping: histories, by: \.key.ruleID) {
            for (key, _) in subjects {
                rows.append(ruleID, Settled.subject, 0, 0, 0, 0, 0, key.subject.high, key.subject.low, 0)
            }
            // What is deleted is counted nowhere.
            guard let siteID = try await site(ofRule: ruleID) else { continue }
            let reading = try await RuleReading(siteID: siteID, ruleID: ruleID, in: self)
            let terms = reading.countingTerms
            var changes = CellChanges()
            for (_, events) in subjects {
                var history = SubjectHistory()
                for event in events { history.add(event, to: &changes) }
                history.count(1, by: terms, in: &changes)
            }
            Self.add(changes, of: reading, to: &rows)
        }
        if !histories.isEmpty {
            for (journal, rank) in positions.ranks {
                rows.append(0, Settled.position, journal, 0, rank, 0, 0, 0, 0, 0)
            }
        }
        try await server.insert(rows, into: "settled")
        try await server.removeSettled()
        return histories.count
    }

    private static func add(_ changes: CellChanges, of reading: RuleReading, to rows: inout RowBinary) {
        let batch = Int64.random(in: .min ... .max)
        // Calls are in the tallies, and stay there.
        for (key, count) in changes.cells
        where count != 0 && key.measure != .exposures && key.measure != .events {
            let groupID = Measure.ofGroups.contains(key.measure) ? reading.groupID(of: key.dimensionID) : 0
            rows.append(
                reading.ruleID, key.measure.rawValue, key.dimensionID, groupID, key.quarter, 0, batch, 0, 0, count)
        }
        for (key, count) in changes.activity where count != 0 {
            rows.append(
                reading.ruleID, Settled.activity, key.dimensionID, 0, key.quarter, Int64(key.gap), batch, 0, 0, count)
        }
    }

    private func positions() async throws(StorageError) -> Positions {
        var rows = try await home.rows(
            "SELECT journal_high, journal_low, max(count) FROM tally WHERE rule = 0 GROUP BY journal_high, journal_low")
        var positions = Positions()
        try rows.forEach { (row) throws(StorageError) in
            let journal = try row.subject().value
            positions.add(try row.integer(), ofJournal: journal)
        }
        return positions
    }

    /// A subject under one rule version.
    private struct RuleSubject: Hashable {
        let ruleID: Int64
        let subject: Subject
    }

    /// What is told of candidates who are not settled.
    private func histories(
        _ facts: SettledFacts, _ positions: Positions, on server: ClickHouseServer
    ) async throws(StorageError) -> [RuleSubject: [CountedEvent]] {
        var rows = try await server.rows(
            """
            SELECT rule, high, low, outcome, conversion, first, last FROM fact
            WHERE \(facts.condition) AND \(positions.condition)
                AND (rule, high, low) NOT IN (SELECT rule, high, low FROM settled WHERE measure = \(Settled.subject))
            """)
        var histories: [RuleSubject: [CountedEvent]] = [:]
        try rows.forEach { (row) throws(StorageError) in
            let key = RuleSubject(ruleID: try row.integer(), subject: try row.subject())
            let (outcome, conversion) = (try row.integer(), try row.integer())
            for time in Set([try row.integer(), try row.integer()]) {
                histories[key, default: []].append(
                    CountedEvent(
                        outcomeID: outcome, conversionID: conversion == 0 ? nil : conversion, milliseconds: time))
            }
        }
        return histories
    }

    /// The site of a rule version that is there.
    private func site(ofRule ruleID: Int64) async throws(StorageError) -> Int64? {
        var rows = try await home.rows(
            "SELECT parent FROM name WHERE id = \(ruleID) GROUP BY parent, id HAVING max(state) = 0")
        return rows.isAtEnd ? nil : try rows.integer()
    }
}

extension ClickHouseServer {
    /// Removes the facts of who is settled, then that they were, and who was a candidate.
    fileprivate func removeSettled() async throws(StorageError) {
        let condition = "measure IN (\(Settled.subject), \(Settled.candidate), \(Settled.position))"
        var rows = try await rows("SELECT measure, dimension, quarter FROM settled WHERE \(condition)")
        guard !rows.isAtEnd else { return }
        var positions = Positions()
        try rows.forEach { (row) throws(StorageError) in
            let (measure, journal, rank) = (try row.integer(), try row.integer(), try row.integer())
            if measure == Settled.position { positions.add(rank: rank, ofJournal: journal) }
        }
        // Without one there were candidates, and nothing was told of them.
        if !positions.ranks.isEmpty {
            try await delete(
                from: "fact",
                where: """
                    \(positions.condition) AND
                        (rule, high, low) IN (SELECT rule, high, low FROM settled WHERE measure = \(Settled.subject))
                    """)
        }
        try await delete(from: "settled", where: condition)
    }
}
