import Records
import Storage

/// Reads what is counted under one rule version.
struct RuleReading: Sendable {
    private let store: ClickHouseOutcomeStore
    let siteID: Int64
    let ruleID: Int64
    private let names: OutcomeNames
    /// Of the outcomes that are there: an id, and those of the conversions by name.
    private let outcomes: [DimensionName: (id: Int64, conversions: [DimensionName: Int64])]
    let terms: RuleTerms
    private let groupIDs: [Int64]

    /// A group that goes on for ten years has been decided; the last event may be of a clock that is far ahead.
    private static let groupDaysMax: Int64 = 3650

    /// Nil when nothing is counted under it.
    init?(site: String, rule: DimensionName, in store: ClickHouseOutcomeStore) async throws(StorageError) {
        guard let siteID = try await store.id(of: DimensionName(site), under: dimensionRoot),
            let ruleID = try await store.id(of: rule, under: siteID)
        else { return nil }
        try await self.init(siteID: siteID, ruleID: ruleID, in: store)
    }

    init(siteID: Int64, ruleID: Int64, in store: ClickHouseOutcomeStore) async throws(StorageError) {
        self.store = store
        self.siteID = siteID
        self.ruleID = ruleID
        let conversions = try await store.children(
            of: "SELECT id FROM name WHERE parent = \(ruleID) GROUP BY id HAVING max(state) = 0")
        let under = Dictionary(grouping: conversions, by: \.parentID)
        var names = OutcomeNames()
        var outcomes: [DimensionName: (id: Int64, conversions: [DimensionName: Int64])] = [:]
        for outcome in try await store.children(of: "\(ruleID)").sorted(by: { $0.name < $1.name }) {
            names.addOutcome(outcome.id, outcome.name)
            let conversions = under[outcome.id, default: []].sorted { $0.name < $1.name }
            for conversion in conversions { names.addConversion(conversion.id, conversion.name) }
            outcomes[outcome.name] = (
                outcome.id, Dictionary(conversions.map { ($0.name, $0.id) }) { first, _ in first }
            )
        }
        self.names = names
        self.outcomes = outcomes
        let windows: [String: [StoredWindow]] = try await store.settings.all(.windows)
        let groups: [String: [StoredGroupPeriod]] = try await store.settings.all(.groups)
        let first = StoredWindow(start: Range<Quarter>.all.lowerBound.number, days: CountingWindow.defaultDays)
        let inForce = groups["\(ruleID)"] ?? []
        terms = RuleTerms(
            windows: (windows["\(siteID)"] ?? [first]).map(\.period), groups: inForce.map(\.period))
        groupIDs = inForce.map(\.id)
    }

    /// By which terms subjects are counted.
    var countingTerms: CountingTerms {
        CountingTerms(
            windows: terms.windows.map {
                CountingTerms.Window(
                    startQuarter: $0.start.number, milliseconds: CountingTerms.milliseconds(days: $0.days))
            }, groups: terms.groups.map(countedGroup))
    }

    /// The outcomes of its groups.
    var groupedOutcomeIDs: [Int64] { countingTerms.groups.flatMap { $0.members.map(\.outcomeID) } }

    /// The number of the group that an outcome, or a conversion under it, is counted for; 0 for none.
    func groupID(of dimensionID: Int64) -> Int64 {
        let groups = countingTerms.groups
        let index = groups.firstIndex {
            $0.members.contains { $0.outcomeID == dimensionID || $0.conversionIDs.contains(dimensionID) }
        }
        return index.map { groupIDs[$0] } ?? 0
    }

    private func countedGroup(_ period: GroupPeriod) -> CountingTerms.Group {
        let group = period.group
        let members = group.shares.map(\.outcome).sorted().compactMap { name -> CountingTerms.Group.Member? in
            guard let outcome = outcomes[name] else { return nil }
            let conversions = group.conversions.compactMap { outcome.conversions[$0] }
            guard conversions.count == group.conversions.count else { return nil }
            return CountingTerms.Group.Member(outcomeID: outcome.id, conversionIDs: conversions)
        }
        return CountingTerms.Group(
            startQuarter: period.start.number,
            windowMilliseconds: CountingTerms.milliseconds(days: group.windowDays), members: members)
    }

    func hasExposures() async throws(StorageError) -> Bool {
        var rows = try await store.home.rows(
            """
            SELECT toInt64(count()) FROM tally
            WHERE rule = \(ruleID) AND dimension IN (\(SQL.list(outcomes.values.map(\.id) + [0])))
            """)
        return try rows.integer() > 0
    }

    /// The quarters of an hour from the first event to the last; nil before any.
    func extent() async throws(StorageError) -> Range<Quarter>? {
        var rows = try await store.home.rows(
            "SELECT min(quarter), max(quarter) FROM tally WHERE rule = \(ruleID) HAVING count() > 0")
        guard !rows.isAtEnd else { return nil }
        return Quarter(try rows.integer())..<Quarter(try rows.integer() + 1)
    }

    // MARK: Counts

    /// All that is counted, by quarters of an hour: whole folds of every journal.
    func cells() async throws(StorageError) -> RuleCells {
        let (positions, calls) = try await positionsAndCalls()
        let terms = countingTerms
        let queries =
            [CountingSQL.outcomes(ofRule: ruleID, terms, positions)]
            + terms.groups.map { CountingSQL.group($0, ofRule: ruleID, positions) }
            + [CountingSQL.settled(ofRule: ruleID, groups: groupIDs)]
        var cells = RuleCells(names, calls: calls)
        for parts in try await rows(queries) {
            for var rows in parts { try cells.add(&rows) }
        }
        return cells
    }

    /// How far each journal is counted, and how many calls there were until then by measure, dimension and quarter.
    private func positionsAndCalls() async throws(StorageError) -> (Positions, [RuleCells.Key: Int]) {
        let outcomeIDs = Set(outcomes.values.map(\.id))
        var positions = Positions()
        var calls: [RuleCells.Key: Int] = [:]
        var rows = try await store.home.rows(CountingSQL.positionsAndCalls(ofRule: ruleID))
        try rows.forEach { (row) throws(StorageError) in
            let (rule, dimension, quarter) = (try row.integer(), try row.integer(), try row.integer())
            let journal = try row.subject().value
            let count = try row.integer()
            guard rule != 0 else { return positions.add(count, ofJournal: journal) }
            let measure = outcomeIDs.contains(dimension) ? Measure.exposures : .events
            calls[RuleCells.Key(measure: measure.rawValue, dimensionID: dimension, quarter: quarter)] = Int(count)
        }
        return (positions, calls)
    }

    /// What each server has for these queries. While subjects are settled they are asked again, because a subject would count by
    /// its facts for one of them, and as settled for another.
    private func rows(_ queries: [String]) async throws(StorageError) -> [[RowBinaryReader]] {
        let batches = CountingSQL.settledBatches(ofRule: ruleID)
        return try await store.onEach { (server) throws(StorageError) in
            while true {
                var before = try await server.rows(batches)
                var answers: [RowBinaryReader] = []
                for query in queries { answers.append(try await server.rows(query)) }
                var after = try await server.rows(batches)
                if try before.integer() == after.integer() { return answers }
            }
        }
    }

    /// The days of UTC on which a group got subjects.
    func days(of period: GroupPeriod, in cells: RuleCells) -> [GroupDay] {
        let first = period.start.number.day
        let ids = period.group.shares.map { outcomes[$0.outcome] }
        let exposed = ids.map { cells.days(.groupExposed, of: $0?.id) }
        let converted = ids.map { cells.days(.groupConverted, of: $0?.conversions[period.group.conversion]) }
        return Set(exposed.flatMap(\.keys)).sorted().compactMap { day in
            guard (first...first + Self.groupDaysMax).contains(day), exposed.contains(where: { $0[day] ?? 0 != 0 })
            else { return nil }
            return GroupDay(
                start: Quarter(day * Quarter.perDay), exposed: exposed.map { $0[day] ?? 0 },
                converted: converted.map { $0[day] ?? 0 })
        }
    }

    /// The distinct subjects of spans of at most `ActivityCounts.spanQuartersMax`.
    func activity(in spans: [Range<Quarter>]) async throws(StorageError) -> [[ActivityCounts]] {
        let (positions, _) = try await positionsAndCalls()
        let all = spans.filter { !$0.isEmpty }
        guard let first = all.map(\.lowerBound).min(), let end = all.map(\.upperBound).max() else {
            return spans.map { _ in [] }
        }
        let queries = [
            CountingSQL.activity(ofRule: ruleID, in: first..<end, positions),
            CountingSQL.settledActivity(ofRule: ruleID),
        ]
        var counts = [[Int64: Int]](repeating: [:], count: spans.count)
        for answers in try await rows(queries) {
            for var rows in answers {
                try rows.forEach { (row) throws(StorageError) in
                    let (dimension, quarter) = (try row.integer(), try row.integer())
                    let (gap, count) = (try row.integer(), Int(try row.integer()))
                    for (index, span) in spans.enumerated()
                    where span.contains(Quarter(quarter)) && gap > quarter - span.lowerBound.number {
                        counts[index][dimension, default: 0] += count
                    }
                }
            }
        }
        return counts.map { counts in
            counts.filter { $0.value != 0 }.sorted { $0.key < $1.key }.compactMap { id, count in
                names.names(of: id).map {
                    ActivityCounts(outcome: $0.outcome, conversion: $0.conversion, subjects: count)
                }
            }
        }
    }
}

/// What is counted under a rule version, by quarters of an hour.
struct RuleCells {
    struct Key: Hashable {
        let measure: Int64
        let dimensionID: Int64
        let quarter: Int64
    }

    private let names: OutcomeNames
    private var counts: [Key: Int]

    init(_ names: OutcomeNames, calls: [Key: Int]) {
        self.names = names
        counts = calls
    }

    /// Adds rows of measure, dimension, quarter and count.
    mutating func add(_ rows: inout RowBinaryReader) throws(StorageError) {
        try rows.forEach { (row) throws(StorageError) in
            let key = Key(
                measure: try row.integer(), dimensionID: try row.integer(), quarter: try row.integer())
            counts[key, default: 0] += Int(try row.integer())
        }
    }

    /// What is counted in a range, of every outcome and conversion.
    func report(in range: Range<Quarter>) -> [OutcomeCounts] {
        names.fullReport(sums(in: range))
    }

    /// What is counted in a range, of those alone that have something in it.
    func briefReport(in range: Range<Quarter>) -> [OutcomeCounts] {
        names.briefReport(sums(in: range))
    }

    /// By days of UTC.
    func days(_ measure: Measure, of dimensionID: Int64?) -> [Int64: Int] {
        var days: [Int64: Int] = [:]
        for (key, count) in counts where key.measure == measure.rawValue && key.dimensionID == dimensionID {
            days[key.quarter.day, default: 0] += count
        }
        return days
    }

    private func sums(in range: Range<Quarter>) -> [OutcomeNames.Sum] {
        struct Place: Hashable {
            let measure: Int64
            let dimensionID: Int64
        }
        var sums: [Place: Int] = [:]
        for (key, count) in counts where range.contains(Quarter(key.quarter)) {
            sums[Place(measure: key.measure, dimensionID: key.dimensionID), default: 0] += count
        }
        return sums.compactMap { place, count in
            guard count != 0, let measure = Measure(rawValue: place.measure) else { return nil }
            return OutcomeNames.Sum(dimensionID: place.dimensionID, measure: measure, count: count)
        }
    }
}

extension Int64 {
    /// The day of UTC that a quarter of an hour of this number lies in.
    fileprivate var day: Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: Quarter.perDay)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
