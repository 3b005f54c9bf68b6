import Records
import Storage

extension ClickHouseOutcomeStore {
    /// For how long erasing waits for parts that were replaced.
    private static let waitMax = Duration.seconds(20)

    public func noteErasure(of subjects: Set<Subject>) async throws(StorageError) {
        try await change { (state) throws(StorageError) in
            let journal = state.journalNumber
            var rows = RowBinary()
            rows.append(ErasureMark.begun, Subject(0), ofJournal: journal)
            for subject in subjects { rows.append(ErasureMark.noted, subject, ofJournal: journal) }
            try await self.home.insert(rows, into: "erasure")
        }
    }

    public func unfinishedErasure() async throws(StorageError) -> Set<Subject>? {
        try await change { (state) throws(StorageError) in try await self.unfinishedErasure(state) }
    }

    private func unfinishedErasure(_ state: State) async throws(StorageError) -> Set<Subject>? {
        var rows = try await home.rows("SELECT mark, high, low FROM erasure WHERE journal = \(state.journalNumber)")
        var marks: [ErasureMark: Set<Subject>] = [:]
        try rows.forEach { (row) throws(StorageError) in
            let mark = ErasureMark(rawValue: try row.byte())
            let subject = try row.subject()
            if let mark { marks[mark, default: []].insert(subject) }
        }
        guard marks[.begun] != nil else { return nil }
        return marks[.noted, default: []].subtracting(marks[.done, default: []])
    }

    public func forget(_ subjects: [Subject]) async throws(StorageError) -> Int {
        try await change { (state) throws(StorageError) in
            try await self.settling(state) { () throws(StorageError) in
                var count = 0
                let byShard = Dictionary(grouping: Set(subjects), by: self.shard)
                for (index, subjects) in byShard.sorted(by: { $0.key < $1.key }) {
                    var rows = RowBinary()
                    for subject in subjects {
                        rows.append(0, Settled.candidate, 0, 0, 0, 0, 0, subject.high, subject.low, 0)
                    }
                    try await self.servers[index].insert(rows, into: "settled")
                    count += try await self.settle(.everywhere, on: self.servers[index])
                }
                var rows = RowBinary()
                let noted = try await self.unfinishedErasure(state) ?? []
                for subject in noted.intersection(subjects) {
                    rows.append(ErasureMark.done, subject, ofJournal: state.journalNumber)
                }
                try await self.home.insert(rows, into: "erasure")
                try await self.noteVersions(state)
                return count
            }
        }
    }

    public func overwriteForgotten(again: Bool) async throws(StorageError) -> String? {
        let versions = try await change { (state) throws(StorageError) in
            if try await self.unfinishedErasure(state)?.isEmpty == true {
                try await self.home.delete(
                    from: "erasure",
                    where: "journal = \(state.journalNumber) AND mark != \(ErasureMark.begun.rawValue)")
                try await self.noteVersions(state)
            }
            let noted: [String: [[String: Int64]]] = try await self.settings.all(.erasedVersions)
            return noted[state.journalKey] ?? []
        }
        let start = ContinuousClock.now
        while true {
            var left: [String] = []
            for (server, versions) in zip(servers, versions) where try await server.hasReplacedParts(before: versions) {
                left.append(server.name)
            }
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

    /// Notes from which version on parts have no rows of who is erased by now. Others that are deleted later make no difference.
    private func noteVersions(_ state: State) async throws(StorageError) {
        let versions = try await onEach { (server) throws(StorageError) in try await server.versions() }
        try await settings.set([state.journalKey: versions], .erasedVersions)
    }

    public func finishErasure() async throws(StorageError) {
        try await change { (state) throws(StorageError) in
            try await self.home.delete(from: "erasure", where: "journal = \(state.journalNumber)")
            try await self.settings.set([state.journalKey: [[String: Int64]]?.none], .erasedVersions)
        }
    }

    public func expire(
        lastSeenBefore cutoffs: [DimensionName: Int64], otherwise: Int64, from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (erased: Int, next: ExpiryPlace?) {
        try await change { (state) throws(StorageError) in
            guard let rule = try await self.firstRule(from: place?.ruleNumber ?? .min) else { return (0, nil) }
            let reading = try await RuleReading(siteID: rule.siteID, ruleID: rule.id, in: self)
            let cutoff = cutoffs[rule.site] ?? otherwise
            return try await self.settling(state) { () throws(StorageError) in
                // Of a rule version in turn, and of that until none is left.
                var (count, isDone) = (0, true)
                for server in self.servers {
                    try await server.chooseExpired(
                        rule.id, before: cutoff, keeping: reading.groupedOutcomeIDs, countMax: rowsMax)
                    let settled = try await self.settle(.underRule, on: server)
                    count += settled
                    if settled == rowsMax { isDone = false }
                }
                let next = isDone ? (rule.id == .max ? nil : rule.id + 1) : rule.id
                return (count, next.map { ExpiryPlace(ruleNumber: $0, subject: 0) })
            }
        }
    }

    public func giveBackRoom() async throws(StorageError) -> Int { 0 }

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

/// What a row of the table `erasure` says of a subject.
enum ErasureMark: UInt8 {
    /// Of nobody: that there is an erasure.
    case begun = 1
    /// It is to be erased.
    case noted = 2
    /// It is erased.
    case done = 3
    /// A row that means nothing.
    case nothing = 4
}

extension RowBinary {
    mutating func append(_ mark: ErasureMark, _ subject: Subject, ofJournal number: Int64) {
        append(number)
        append(mark.rawValue)
        append(subject.high, subject.low)
    }
}

extension ClickHouseServer {
    /// Makes candidates of subjects whose last event under a rule version is before a moment and who have met none of these
    /// outcomes.
    fileprivate func chooseExpired(
        _ ruleID: Int64, before cutoff: Int64, keeping outcomeIDs: [Int64], countMax: Int
    ) async throws(StorageError) {
        try await run(
            """
            INSERT INTO settled SELECT
                toInt64(\(ruleID)), toInt64(\(Settled.candidate)), toInt64(0), toInt64(0), toInt64(0), toInt64(0),
                toInt64(0), high, low, toInt64(0)
            FROM (
                SELECT high, low FROM fact WHERE rule = \(ruleID) GROUP BY high, low
                HAVING max(if(conversion = 0, \(CountingSQL.quarter("last")) * \(Quarter.milliseconds), last)) < \(cutoff)
                    AND countIf(outcome IN (\(SQL.list(outcomeIDs + [0])))) = 0
                LIMIT \(countMax)
            )
            """)
    }

    /// Which version parts of tables with subjects have that rows were deleted from last. Versions are numbers of ClickHouse's, which
    /// only grow: of an insert for its part, of a deletion for the parts that it has rewritten.
    fileprivate func versions() async throws(StorageError) -> [String: Int64] {
        var rows = try await rows(
            """
            SELECT table, max(block_numbers.number[1]) FROM system.mutations
            WHERE database = '\(address.database)' GROUP BY table
            """)
        var versions: [String: Int64] = [:]
        try rows.forEach { (row) throws(StorageError) in
            let table = try row.text()
            versions[table] = try row.integer()
        }
        return versions
    }

    /// Whether parts of tables with subjects lie on the disk that were replaced and are of versions before these.
    fileprivate func hasReplacedParts(before versions: [String: Int64]) async throws(StorageError) -> Bool {
        var isLeft = false
        for table in Schema.tablesOfSubjects {
            // A part is called all_FIRST_LAST_LEVEL, and _VERSION once it was rewritten.
            var rows = try await rows(
                """
                SELECT toInt64(count()) FROM (
                    SELECT splitByChar('_', name) AS numbers FROM system.parts
                    WHERE database = '\(address.database)' AND table = '\(table)' AND NOT active
                )
                WHERE toInt64OrZero(numbers[if(length(numbers) > 4, 5, 2)]) < \(versions[table] ?? 0)
                """)
            guard try rows.integer() > 0 else { continue }
            isLeft = true
            // ClickHouse looks for such parts when it has got something to do.
            try await insert(Schema.rowOfNobody(in: table), into: table)
        }
        return isLeft
    }
}
