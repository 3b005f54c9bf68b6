import GRDB
import Records
import Storage

/// Goes through the subjects in the order of their table and erases those that are older than their site keeps them.
struct ExpirySweep {
    private let cutoffs: [DimensionName: Int64]
    private let otherwise: Int64
    private let database: Database
    /// By rule.
    private var known: [Int64: Int64] = [:]

    init(cutoffs: [DimensionName: Int64], otherwise: Int64, in database: Database) {
        self.cutoffs = cutoffs
        self.otherwise = otherwise
        self.database = database
    }

    mutating func run(from place: ExpiryPlace?, rowsMax: Int) throws -> (erased: Int, next: ExpiryPlace?) {
        var last = place
        var looked = 0
        var expired: [ExpiryPlace] = []
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT rule_id, subject_high, subject_low, history FROM subject
                    WHERE (rule_id, subject_high, subject_low) > (?, ?, ?)
                    ORDER BY rule_id, subject_high, subject_low LIMIT ?
                    """),
            arguments: [
                place?.ruleNumber ?? .min, place.map { Subject($0.subject).high } ?? .min,
                place.map { Subject($0.subject).low } ?? .min, rowsMax,
            ])
        while let row = try rows.next() {
            let found = ExpiryPlace(
                ruleNumber: try row.integer(0),
                subject: UInt128(UInt64(bitPattern: try row.integer(1))) << 64
                    | UInt128(UInt64(bitPattern: try row.integer(2))))
            let first = try row.blob(3).withUnsafeBytes { SubjectHistory(decoding: $0) }?.firstMilliseconds ?? .min
            if try first < cutoff(ofRule: found.ruleNumber) { expired.append(found) }
            last = found
            looked += 1
        }
        try erase(expired)
        return (expired.count, looked == rowsMax ? last : nil)
    }

    private func erase(_ expired: [ExpiryPlace]) throws {
        let deletion = try database.cachedStatement(
            sql: "DELETE FROM subject WHERE rule_id = ? AND subject_high = ? AND subject_low = ?")
        for place in expired {
            let subject = Subject(place.subject)
            try deletion.execute(arguments: [place.ruleNumber, subject.high, subject.low])
        }
    }

    private mutating func cutoff(ofRule id: Int64) throws -> Int64 {
        if let cutoff = known[id] { return cutoff }
        let names = try Dimension.names(ofRule: id, in: database)
        let cutoff = names.flatMap { cutoffs[$0.site] } ?? otherwise
        known[id] = cutoff
        return cutoff
    }
}

extension SubjectHistory {
    /// The time of the earliest event; nil when there is none.
    var firstMilliseconds: Int64? {
        outcomes.flatMap { outcome in
            [outcome.firstExposure].compactMap { $0 } + outcome.conversions.compactMap(\.times.first)
        }.min()
    }
}
