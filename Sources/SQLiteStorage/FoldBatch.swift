import GRDB
import Glibc
import Storage

/// The records of one fold, with names turned into ids, in the order in which the table of subjects has them, so that each of
/// its pages is visited once.
struct FoldBatch {
    /// By the kind of record.
    private let ids: [DimensionInterner.IDs]
    private let entries: [RecordBatch.Entry]

    init(_ batch: RecordBatch, naming interner: inout DimensionInterner) throws {
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

/// A record's event whose names have become ids.
struct CountedEvent {
    let outcomeID: Int64
    /// nil for an exposure.
    let conversionID: Int64?
    let milliseconds: Int64
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

extension SubjectHistory {
    /// Takes an event in and counts it.
    mutating func add(_ event: CountedEvent, to changes: inout CellChanges) {
        let quarter = Quarter(containing: event.milliseconds).number
        let outcome = place(ofOutcome: event.outcomeID)
        guard let conversionID = event.conversionID else {
            changes.add(1, .exposures, of: event.outcomeID, at: event.milliseconds)
            outcomes[outcome].firstExposure = min(outcomes[outcome].firstExposure ?? .max, event.milliseconds)
            if let change = outcomes[outcome].exposures.insert(quarter) {
                changes.add(change, of: event.outcomeID, in: quarter)
            }
            return
        }
        changes.add(1, .events, of: conversionID, at: event.milliseconds)
        let conversion = outcomes[outcome].place(ofConversion: conversionID)
        outcomes[outcome].conversions[conversion].times.insert(event.milliseconds)
        if let change = outcomes[outcome].conversions[conversion].quarters.insert(quarter) {
            changes.add(change, of: conversionID, in: quarter)
        }
    }

    /// Adds the subject, or with `sign` -1 takes it away again, wherever it counts as one.
    func count(_ sign: Int64, by terms: CountingTerms, in changes: inout CellChanges) {
        for outcome in outcomes { count(sign, outcome, by: terms, in: &changes) }
        for group in terms.groups { count(sign, group, in: &changes) }
    }

    private func count(_ sign: Int64, _ outcome: Outcome, by terms: CountingTerms, in changes: inout CellChanges) {
        if let exposure = outcome.firstExposure { changes.add(sign, .exposed, of: outcome.id, at: exposure) }
        for conversion in outcome.conversions {
            guard let first = conversion.times.first else { continue }
            changes.add(sign, .converters, of: conversion.id, at: first)
            guard let exposure = outcome.firstExposure else {
                changes.add(sign, .unattributed, of: conversion.id, at: first)
                continue
            }
            let window = terms.windowMilliseconds(at: exposure)
            if conversion.times.containsAny(in: CountingTerms.span(around: exposure, windowMilliseconds: window)) {
                changes.add(sign, .converted, of: conversion.id, at: exposure)
            }
        }
    }

    private func count(_ sign: Int64, _ group: CountingTerms.Group, in changes: inout CellChanges) {
        var first: (member: CountingTerms.Group.Member, exposure: Int64)?
        var met: [(Outcome, CountingTerms.Group.Member)] = []
        var exposedCount = 0
        for member in group.members {
            guard let outcome = outcomes.first(where: { $0.id == member.outcomeID }) else { continue }
            met.append((outcome, member))
            guard let exposure = outcome.firstExposure else { continue }
            exposedCount += 1
            if exposure < first?.exposure ?? .max { first = (member, exposure) }
        }
        guard let first, Quarter(containing: first.exposure).number >= group.startQuarter else { return }
        changes.add(sign, .groupExposed, of: first.member.outcomeID, at: first.exposure)
        if exposedCount > 1 { changes.add(sign, .groupCrossed, of: first.member.outcomeID, at: first.exposure) }
        let span = CountingTerms.span(around: first.exposure, windowMilliseconds: group.windowMilliseconds)
        for (index, conversionID) in first.member.conversionIDs.enumerated()
        where met.contains(where: { $0.times(ofConversion: $1.conversionIDs[index]).containsAny(in: span) }) {
            changes.add(sign, .groupConverted, of: conversionID, at: first.exposure)
        }
    }
}
