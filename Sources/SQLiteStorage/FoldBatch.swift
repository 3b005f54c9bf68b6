import GRDB
import struct Records.Record
import Storage

/// The records of one fold, added up before they meet the database.
struct FoldBatch {
    private var rules: [Int64: EventTally] = [:]
    private var conversions: [Int64: EventTally] = [:]
    /// In the order of the table's key, so that each of its pages is visited once.
    private let firstTimes: [FirstTime]

    init(_ records: [Record], naming interner: inout DimensionInterner) throws {
        var firstTimes: [FirstTime] = []
        firstTimes.reserveCapacity(records.count)
        for record in records where record.event.conversionName != nil {
            let ids = try interner.ids(of: record)
            rules[ids.rule, default: EventTally()].add(timeMilliseconds: record.timeMilliseconds)
            conversions[ids.conversion, default: EventTally()].add(timeMilliseconds: record.timeMilliseconds)
            firstTimes.append(
                FirstTime(
                    conversionID: ids.conversion, subject: record.subject, milliseconds: record.timeMilliseconds))
        }
        firstTimes.sort()
        self.firstTimes = firstTimes
    }

    func store(in database: Database) throws {
        let newSubjects = try storeFirstTimes(in: database)
        for (id, tally) in conversions {
            try database.cachedStatement(
                sql: """
                    INSERT INTO conversion_total (conversion_id, subjects, events, first_ms, last_ms)
                    VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET subjects = subjects + excluded.subjects,
                        events = events + excluded.events,
                        first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)
                    """
            ).execute(arguments: [
                id, newSubjects[id] ?? 0, tally.events, tally.firstMilliseconds, tally.lastMilliseconds,
            ])
        }
        for (id, tally) in rules {
            try database.cachedStatement(
                sql: """
                    INSERT INTO rule_total (rule_id, events, first_ms, last_ms) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET events = events + excluded.events,
                        first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)
                    """
            ).execute(arguments: [id, tally.events, tally.firstMilliseconds, tally.lastMilliseconds])
        }
    }

    /// By conversion: how many of the subjects were not counted before.
    private func storeFirstTimes(in database: Database) throws -> [Int64: Int] {
        let table = try FirstTimeTable(in: database)
        var newSubjects: [Int64: Int] = [:]
        var last: FirstTime?
        for row in firstTimes {
            // The first of a subject's rows is the earliest; the others add nothing.
            if let last, row.isOfSameSubject(as: last) { continue }
            last = row
            if try table.add(row) { newSubjects[row.conversionID, default: 0] += 1 }
        }
        return newSubjects
    }
}
