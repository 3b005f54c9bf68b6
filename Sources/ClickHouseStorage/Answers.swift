import Records
import Storage

extension ClickHouseOutcomeStore {
    public func note(_ answers: [GivenAnswers]) async throws(StorageError) {
        try await change { (state) throws(StorageError) in
            let names = try await self.names(&state)
            try await state.answers.loadKinds(from: self.home)
            var sums: [AnswerSums.Key: Int] = [:]
            for answer in answers {
                guard let siteID = names.id(of: answer.site, under: dimensionRoot) else { continue }
                let kind = state.answers.kind(answer.kind)
                var places: [(rule: Int64, outcome: Int64)] = [(0, 0)]
                if let outcome = answer.outcome, let rule = names.id(of: outcome.rule, under: siteID),
                    let id = names.id(of: outcome.outcome, under: rule)
                {
                    places.append((rule, id))
                }
                for place in places {
                    let key = AnswerSums.Key(
                        siteID: siteID, ruleID: place.rule, outcomeID: place.outcome, kind: kind,
                        quarter: answer.quarter.number)
                    let sum = sums[key] ?? state.answers.sum(of: key)
                    sums[key] = min(sum + min(answer.count, AnswerSums.countMax), AnswerSums.countMax)
                }
            }
            try await self.home.insert(state.answers.rows(sums), into: "answer")
            state.answers.take(sums)
        }
    }

    public func answers(
        site: String, rule: DimensionName?, in buckets: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[AnswerCounts]>]? {
        guard let siteID = try await id(of: DimensionName(site), under: dimensionRoot) else { return nil }
        var ruleID: Int64 = 0
        var outcomes: [Int64: DimensionName] = [:]
        if let rule {
            guard let id = try await id(of: rule, under: siteID) else { return nil }
            ruleID = id
            outcomes = Dictionary(try await children(of: "\(id)").map { ($0.id, $0.name) }) { first, _ in first }
        }
        let place = "site = \(siteID) AND rule = \(ruleID)"
        var extent = try await home.rows(
            "SELECT min(quarter), max(quarter) FROM answer WHERE \(place) HAVING count() > 0")
        let ranges = buckets(
            extent.isAtEnd ? nil : Quarter(try extent.integer())..<Quarter(try extent.integer() + 1))
        guard let first = ranges.map(\.lowerBound.number).min(), let end = ranges.map(\.upperBound.number).max() else {
            return []
        }
        struct Kind: Hashable {
            let outcome: DimensionName?
            let kind: AnswerKind
        }
        var counts = [[Kind: Int]](repeating: [:], count: ranges.count)
        var rows = try await home.rows(
            """
            SELECT outcome, door, status, reason, quarter, toInt64(least(
                sum(toFloat64(given)), toFloat64(\(AnswerSums.countMax))))
            FROM (
                SELECT outcome, door, status, reason, quarter, max(count) AS given FROM answer
                WHERE \(place) AND quarter >= \(first) AND quarter < \(end)
                GROUP BY outcome, door, status, reason, quarter, instance
            )
            GROUP BY outcome, door, status, reason, quarter
            """)
        try rows.forEach { (row) throws(StorageError) in
            let (outcomeID, door, status) = (try row.integer(), try row.integer(), try row.integer())
            let kind = AnswerKind(
                door: UInt8(exactly: door).flatMap(Door.init), status: Int(status), reason: try row.text())
            let (quarter, count) = (Quarter(try row.integer()), Int(try row.integer()))
            // One that is deleted is not there.
            guard outcomeID == 0 || outcomes[outcomeID] != nil else { return }
            let key = Kind(outcome: outcomes[outcomeID], kind: kind)
            for (index, range) in ranges.enumerated() where range.contains(quarter) {
                counts[index][key] = min(counts[index][key, default: 0] + count, AnswerSums.countMax)
            }
        }
        return zip(ranges, counts).map { range, counts in
            Bucket(
                range, counts.map { AnswerCounts(outcome: $0.outcome, kind: $0.kind, count: $1) }.sorted())
        }
    }
}

/// How many answers this process has noted, so far.
struct AnswerSums {
    struct Key: Hashable {
        let siteID: Int64
        /// 0 for all answers of the site.
        let ruleID: Int64
        /// 0 for all answers of the site.
        let outcomeID: Int64
        let kind: AnswerKind
        let quarter: Int64
    }

    /// No counts are so large.
    static let countMax = 1 << 61
    /// How many kinds are told apart. Reasons of exclusion are whatever nginx is told to say.
    private static let kindsMax = 1000
    private static let otherKind = AnswerKind(door: nil, status: 0, reason: "other")
    /// How many sums are kept. Those of hours ago are not needed again.
    private static let knownMax = 50_000

    /// Sums that are begun anew count as another process's.
    private var instance = Int64.random(in: .min ... .max)
    private var known: [Key: Int] = [:]
    /// nil before they are read.
    private var kinds: Set<AnswerKind>?

    mutating func loadKinds(from server: ClickHouseServer) async throws(StorageError) {
        guard kinds == nil else { return }
        var rows = try await server.rows("SELECT door, status, reason FROM answer GROUP BY door, status, reason")
        var kinds: Set<AnswerKind> = []
        try rows.forEach { (row) throws(StorageError) in
            let (door, status) = (try row.integer(), try row.integer())
            kinds.insert(
                AnswerKind(
                    door: UInt8(exactly: door).flatMap(Door.init), status: Int(status), reason: try row.text()))
        }
        self.kinds = kinds
    }

    /// The kind itself, or the one that stands for all beyond the limit.
    mutating func kind(_ kind: AnswerKind) -> AnswerKind {
        if kinds?.contains(kind) == true { return kind }
        guard kinds?.count ?? 0 < Self.kindsMax else { return Self.otherKind }
        kinds?.insert(kind)
        return kind
    }

    func sum(of key: Key) -> Int {
        known[key] ?? 0
    }

    func rows(_ sums: [Key: Int]) -> RowBinary {
        var rows = RowBinary()
        for (key, count) in sums {
            rows.append(
                key.siteID, key.ruleID, key.quarter, key.outcomeID, Int64(key.kind.door?.rawValue ?? 0),
                Int64(key.kind.status))
            rows.append(key.kind.reason)
            rows.append(instance, Int64(count))
        }
        return rows
    }

    /// They stand in the table now.
    mutating func take(_ sums: [Key: Int]) {
        known.merge(sums) { $1 }
        guard known.count > Self.knownMax else { return }
        known = [:]
        instance = Int64.random(in: .min ... .max)
    }
}
