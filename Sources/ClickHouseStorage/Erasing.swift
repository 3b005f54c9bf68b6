import Records
import Storage

extension ClickHouseOutcomeStore {
    /// A query's text may have 256 KiB.
    private static let subjectsPerQuery = 2_000
    /// For how long erasing waits for parts that were replaced.
    private static let waitMax = Duration.seconds(20)

    public func noteErasure(of subjects: Set<Subject>) async throws(StorageError) {
        try await change { (_) throws(StorageError) in
            var rows = RowBinary()
            rows.append(1 as UInt8)
            rows.append(0, 0)
            for subject in subjects {
                rows.append(0 as UInt8)
                rows.append(subject.high, subject.low)
            }
            try await self.home.insert(rows, into: "erasure")
        }
    }

    public func unfinishedErasure() async throws(StorageError) -> Set<Subject>? {
        var rows = try await home.rows("SELECT is_mark, high, low FROM erasure WHERE is_mark IN (0, 1)")
        guard !rows.isAtEnd else { return nil }
        var subjects: Set<Subject> = []
        try rows.forEach { (row) throws(StorageError) in
            let isMark = try row.byte() == 1
            let subject = try row.subject()
            if !isMark { subjects.insert(subject) }
        }
        return subjects
    }

    public func forget(_ subjects: [Subject]) async throws(StorageError) -> Int {
        try await change { (_) throws(StorageError) in
            var count = 0
            var rest = subjects[...]
            while !rest.isEmpty {
                let part = rest.prefix(Self.subjectsPerQuery)
                rest = rest.dropFirst(part.count)
                for (index, subjects) in Dictionary(grouping: part, by: self.shard).sorted(by: { $0.key < $1.key }) {
                    count += try await self.settle(where: Self.isOne(of: subjects), on: self.servers[index])
                }
                try await self.home.delete(from: "erasure", where: "is_mark = 0 AND \(Self.isOne(of: Array(part)))")
            }
            return count
        }
    }

    public func overwriteForgotten(again: Bool) async throws(StorageError) -> String? {
        let start = ContinuousClock.now
        while true {
            var left: [String] = []
            for server in servers where try await server.hasReplacedParts() { left.append(server.name) }
            if left.isEmpty { return nil }
            guard start.duration(to: .now) < Self.waitMax else {
                return "parts that ClickHouse has replaced and not removed yet, at \(left.joined(separator: ", "))"
            }
            do {
                try await Task.sleep(for: .milliseconds(300))
            } catch {
                throw .cancelled(store: name)
            }
        }
    }

    public func finishErasure() async throws(StorageError) {
        try await change { (_) throws(StorageError) in
            try await self.home.delete(from: "erasure", where: "is_mark IN (0, 1)")
        }
    }

    public func expire(
        lastSeenBefore cutoffs: [DimensionName: Int64], otherwise: Int64, from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (erased: Int, next: ExpiryPlace?) {
        try await change { (_) throws(StorageError) in
            let after = place?.ruleNumber ?? .min
            guard let rule = try await self.firstRule(from: after) else { return (0, nil) }
            let reading = try await RuleReading(siteID: rule.siteID, ruleID: rule.id, in: self)
            let cutoff = cutoffs[rule.site] ?? otherwise
            // Few enough for a query's text; the rest of the rule version's comes with the next call.
            let countMax = min(rowsMax, Self.subjectsPerQuery)
            var (count, isDone) = (0, true)
            for server in self.servers {
                let expired = try await server.expired(
                    rule.id, before: cutoff, keeping: reading.groupedOutcomeIDs, countMax: countMax)
                guard !expired.isEmpty else { continue }
                count += try await self.settle(
                    where: "rule = \(rule.id) AND \(Self.isOne(of: expired))", on: server)
                if expired.count == countMax { isDone = false }
            }
            let next = isDone ? (rule.id == .max ? nil : rule.id + 1) : rule.id
            return (count, next.map { ExpiryPlace(ruleNumber: $0, subject: 0) })
        }
    }

    public func giveBackRoom() async throws(StorageError) -> Int { 0 }

    public func note(_ epoch: SubjectEpoch, fromMilliseconds: Int64) async throws(StorageError) {
        try await change { (_) throws(StorageError) in
            let known: [String: Int64] = try await self.settings.all(.epoch)
            let key = String(epoch.value, radix: 16)
            guard known[key] == nil else { return }
            try await self.settings.set([key: fromMilliseconds], .epoch)
        }
    }

    public func subjectEpochs() async throws(StorageError) -> [SubjectEpoch] {
        let known: [String: Int64] = try await settings.all(.epoch)
        return known.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.compactMap { key, _ in
            UInt128(key, radix: 16).map { SubjectEpoch($0) }
        }
    }

    public func epochs() async throws(StorageError) -> [Int64] {
        let known: [String: Int64] = try await settings.all(.epoch)
        return known.values.sorted()
    }

    private static func isOne(of subjects: [Subject]) -> String {
        "(high, low) IN (\(subjects.map { "(\($0.high),\($0.low))" }.joined(separator: ",")))"
    }

    // MARK: Settling

    /// Keeps what is counted of subjects, and takes away what is told of them; returns how many there were, one for each rule
    /// version.
    ///
    /// Their counts are written in one part with the word that they are settled. From then on their facts count no more, so
    /// a death at any moment leaves each of them counted once, and who settles them again finds none.
    ///
    /// - Parameter condition: which facts. All of a subject's under a rule version have to be among them.
    private func settle(where condition: String, on server: ClickHouseServer) async throws(StorageError) -> Int {
        var histories = try await histories(where: condition, on: server)
        let settled = try await server.settledSubjects()
        histories = histories.filter { !settled.contains($0.key) }
        var rows = RowBinary()
        for (ruleID, ofRule) in Dictionary(grouping: histories, by: \.key.ruleID) {
            // What is deleted is counted nowhere.
            guard let siteID = try await site(ofRule: ruleID) else { continue }
            let reading = try await RuleReading(siteID: siteID, ruleID: ruleID, in: self)
            var changes = CellChanges()
            for (_, events) in ofRule {
                var history = SubjectHistory()
                for event in events { history.add(event, to: &changes) }
                history.count(1, by: reading.countingTerms, in: &changes)
            }
            Self.add(changes, of: reading, to: &rows)
        }
        for row in histories.keys {
            rows.append(row.ruleID, Settled.subject, 0, 0, 0, 0, 0, row.subject.high, row.subject.low, 0)
        }
        try await server.insert(rows, into: "settled")
        try await server.delete(from: "fact", where: condition)
        try await server.delete(from: "settled", where: "measure = \(Settled.subject) AND \(condition)")
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

    private func histories(
        where condition: String, on server: ClickHouseServer
    ) async throws(StorageError) -> [RuleSubject: [CountedEvent]] {
        var rows = try await server.rows(
            "SELECT rule, high, low, outcome, conversion, first, last FROM fact WHERE \(condition)")
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

    /// The rule version with the least id that is not below this one.
    private func firstRule(
        from id: Int64
    ) async throws(StorageError) -> (id: Int64, siteID: Int64, site: DimensionName)? {
        let sites = try await children(of: "\(dimensionRoot)")
        let rules = try await children(of: SQL.list(sites.map(\.id) + [1])).filter { $0.id >= id }
        guard let rule = rules.min(by: { $0.id < $1.id }), let site = sites.first(where: { $0.id == rule.parentID })
        else { return nil }
        return (rule.id, site.id, site.name)
    }
}

/// A subject under one rule version.
struct RuleSubject: Hashable {
    let ruleID: Int64
    let subject: Subject
}

extension ClickHouseServer {
    /// Who is settled, with facts that are on their way out.
    fileprivate func settledSubjects() async throws(StorageError) -> Set<RuleSubject> {
        var rows = try await rows("SELECT rule, high, low FROM settled WHERE measure = \(Settled.subject)")
        var subjects: Set<RuleSubject> = []
        try rows.forEach { (row) throws(StorageError) in
            subjects.insert(RuleSubject(ruleID: try row.integer(), subject: try row.subject()))
        }
        return subjects
    }

    /// Subjects whose last event under a rule version is before a moment and who have met none of these outcomes.
    fileprivate func expired(
        _ ruleID: Int64, before cutoff: Int64, keeping outcomeIDs: [Int64], countMax: Int
    ) async throws(StorageError) -> [Subject] {
        let quarter = CountingSQL.quarter("last")
        var rows = try await rows(
            """
            SELECT high, low FROM fact WHERE rule = \(ruleID)
            GROUP BY high, low
            HAVING max(if(conversion = 0, \(quarter) * \(Quarter.milliseconds), last)) < \(cutoff)
                AND countIf(outcome IN (\(SQL.list(outcomeIDs + [0])))) = 0
            LIMIT \(countMax)
            """)
        var subjects: [Subject] = []
        try rows.forEach { (row) throws(StorageError) in subjects.append(try row.subject()) }
        return subjects
    }

    /// Whether parts of tables with subjects lie on the disk from before rows were last deleted, replaced by others.
    fileprivate func hasReplacedParts() async throws(StorageError) -> Bool {
        var isLeft = false
        for table in Schema.tablesOfSubjects {
            var rows = try await rows(
                """
                SELECT toInt64(count()) FROM system.parts
                WHERE database = '\(address.database)' AND table = '\(table)' AND NOT active AND modification_time <= (
                    SELECT max(create_time) FROM system.mutations
                    WHERE database = '\(address.database)' AND table = '\(table)'
                )
                """)
            guard try rows.integer() > 0 else { continue }
            isLeft = true
            // ClickHouse looks for such parts when it has got something to do.
            try await insert(Schema.rowOfNobody(in: table), into: table)
        }
        return isLeft
    }
}
