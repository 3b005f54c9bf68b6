import GRDB
import Glibc
import Storage

/// The records of one fold, with names turned into ids, in the order in which the table of subjects has them, so that each of
/// its pages is visited once.
struct FoldBatch {
    /// By the kind of record.
    private let ids: [DimensionIDs]
    private let entries: [RecordBatch.Entry]

    init(_ batch: RecordBatch, naming interner: inout DimensionInterner<SQLiteDimensionTable>) throws {
        let ids = try batch.kinds.map { try interner.ids(of: $0) }
        self.ids = ids
        entries = batch.entries.sorted { left, right in
            let rules = (ids[left.kind].rule, ids[right.kind].rule)
            return rules.0 == rules.1 ? left.subject < right.subject : rules.0 < rules.1
        }
    }

    func store(in database: Database, pace: FoldPace) throws {
        var pace = pace
        var rest = entries[...]
        while let first = rest.first {
            let (ruleID, siteID) = (ids[first.kind].rule, ids[first.kind].site)
            let ofRule = rest.prefix { ids[$0.kind].rule == ruleID }
            try store(ofRule, ofRule: ruleID, site: siteID, in: database, &pace)
            rest = rest[ofRule.endIndex...]
        }
    }

    private func store(
        _ entries: ArraySlice<RecordBatch.Entry>, ofRule ruleID: Int64, site siteID: Int64, in database: Database,
        _ pace: inout FoldPace
    ) throws {
        let terms = try CountingTerms(ofRule: ruleID, site: siteID, in: database)
        let table = try SubjectTable(in: database)
        var changes = CellChanges()
        var totals = EventTotals()
        var index = entries.startIndex
        while index < entries.endIndex {
            let subject = entries[index].subject
            let found = try table.history(of: subject, ruleID: ruleID)
            found?.count(-1, by: terms, in: &changes)
            var history = found ?? SubjectHistory()
            while index < entries.endIndex, entries[index].subject == subject {
                let names = ids[entries[index].kind]
                let event = CountedEvent(
                    outcomeID: names.outcome, conversionID: names.conversion,
                    milliseconds: entries[index].timeMilliseconds)
                history.add(event, to: &changes)
                totals.add(event)
                index += 1
            }
            history.count(1, by: terms, in: &changes)
            try table.set(history, of: subject, ruleID: ruleID, isNew: found == nil)
            pace.rest()
        }
        try CellTable.add(changes, ofRule: ruleID, in: database)
        try Self.add(totals, ofRule: ruleID, in: database)
    }

    private static func add(_ totals: EventTotals, ofRule ruleID: Int64, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO rule_total (rule_id, exposures, conversions, first_ms, last_ms) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET
                    exposures = exposures + excluded.exposures, conversions = conversions + excluded.conversions,
                    first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)
                """
        ).execute(arguments: [
            ruleID, totals.exposures, totals.conversions, totals.firstMilliseconds, totals.lastMilliseconds,
        ])
    }
}

/// When a fold that is in no hurry rests. Without that one of thousands of records keeps a processor for tens of milliseconds,
/// and of two processors that is half of what requests have: the slowest one in a hundred took twice as long.
struct FoldPace {
    /// They take a third of a millisecond.
    private static let subjectsBetweenRests = 128
    private static let restMax = Duration.milliseconds(10)

    private let restTime: Duration
    private let sleep: (Duration) -> Void
    private var subjectsToRest = FoldPace.subjectsBetweenRests

    /// - Parameters:
    ///   - time: for how long to rest in all, at most.
    ///   - sleep: lets the calling thread sleep.
    init(records: Int, over time: Duration, sleep: @escaping (Duration) -> Void = FoldPace.sleep) {
        restTime = min(Self.restMax, time / max(1, records / Self.subjectsBetweenRests))
        self.sleep = sleep
    }

    /// Called after each subject.
    mutating func rest() {
        subjectsToRest -= 1
        guard subjectsToRest == 0 else { return }
        subjectsToRest = Self.subjectsBetweenRests
        if restTime > .zero { sleep(restTime) }
    }

    private static func sleep(_ duration: Duration) {
        // A signal may end it early, which costs nothing.
        usleep(useconds_t(duration / .microseconds(1)))
    }
}

/// How many events of a rule version there were, and when.
struct EventTotals {
    private(set) var exposures = 0
    private(set) var conversions = 0
    private(set) var firstMilliseconds = Int64.max
    private(set) var lastMilliseconds = Int64.min

    mutating func add(_ event: CountedEvent) {
        if event.conversionID == nil { exposures += 1 } else { conversions += 1 }
        firstMilliseconds = min(firstMilliseconds, event.milliseconds)
        lastMilliseconds = max(lastMilliseconds, event.milliseconds)
    }
}
