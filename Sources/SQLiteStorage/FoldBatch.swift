import GRDB
import struct Records.Record
import Storage

/// The records of one fold, with names turned into ids, in the order in which the table of subjects has them.
struct FoldBatch {
    private let events: [CountedEvent]
    private let siteIDs: [Int64: Int64]

    init(_ records: [Record], naming interner: inout DimensionInterner) throws {
        var events: [CountedEvent] = []
        var siteIDs: [Int64: Int64] = [:]
        events.reserveCapacity(records.count)
        for record in records {
            let ids = try interner.ids(of: record)
            siteIDs[ids.rule] = ids.site
            events.append(
                CountedEvent(
                    ruleID: ids.rule, subject: record.subject, outcomeID: ids.outcome, conversionID: ids.conversion,
                    milliseconds: record.timeMilliseconds))
        }
        events.sort()
        self.events = events
        self.siteIDs = siteIDs
    }

    func store(in database: Database) throws {
        var start = events.startIndex
        while start < events.endIndex {
            let ruleID = events[start].ruleID
            let end = events[start...].firstIndex { $0.ruleID != ruleID } ?? events.endIndex
            try store(events[start..<end], ofRule: ruleID, in: database)
            start = end
        }
    }

    private func store(_ events: ArraySlice<CountedEvent>, ofRule ruleID: Int64, in database: Database) throws {
        let terms = try CountingTerms(ofRule: ruleID, site: siteIDs[ruleID] ?? 0, in: database)
        let table = try SubjectTable(in: database)
        var changes = CellChanges()
        var totals = EventTotals()
        var start = events.startIndex
        while start < events.endIndex {
            let first = events[start]
            let found = try table.history(of: first.subject, ruleID: ruleID)
            found?.count(-1, by: terms, in: &changes)
            var history = found ?? SubjectHistory()
            while start < events.endIndex, events[start].isOfSameSubject(as: first) {
                history.add(events[start], to: &changes)
                totals.add(events[start])
                start += 1
            }
            history.count(1, by: terms, in: &changes)
            try table.set(history, of: first.subject, ruleID: ruleID)
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
