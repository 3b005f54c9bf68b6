import GRDB
import Records
import Storage

/// Goes through the subjects in the order of their table and erases those whose last event is longer ago
/// than their site keeps them, unless a group that is in force knows them: who came again would be in it once more.
struct ExpirySweep {
    private let cutoffs: [DimensionName: Int64]
    private let otherwise: Int64
    private let database: Database
    /// By rule.
    private var known: [Int64: Keeping] = [:]

    private struct Keeping {
        let cutoff: Int64
        /// The outcomes that are in a group.
        let grouped: Set<Int64>
    }

    init(cutoffs: [DimensionName: Int64], otherwise: Int64, in database: Database) {
        self.cutoffs = cutoffs
        self.otherwise = otherwise
        self.database = database
    }

    mutating func run(from place: ExpiryPlace?, rowsMax: Int) throws -> (erased: Int, next: ExpiryPlace?) {
        var last = place
        var looked = 0
        var expired: [ExpiryPlace] = []
        try SubjectTable(in: database).forEach(after: place, rowsMax: rowsMax) { found, history in
            let terms = try terms(ofRule: found.ruleNumber)
            let isGrouped = history?.outcomes.contains { terms.grouped.contains($0.id) } == true
            if !isGrouped, history?.lastMilliseconds ?? .min < terms.cutoff { expired.append(found) }
            last = found
            looked += 1
        }
        try erase(expired)
        return (expired.count, looked == rowsMax ? last : nil)
    }

    private func erase(_ expired: [ExpiryPlace]) throws {
        let table = try SubjectTable(in: database)
        for place in expired { try table.remove(Subject(place.subject), ruleID: place.ruleNumber) }
    }

    private mutating func terms(ofRule id: Int64) throws -> Keeping {
        if let terms = known[id] { return terms }
        let names = try Dimension.names(ofRule: id, in: database)
        let cutoff = names.flatMap { cutoffs[$0.site] } ?? otherwise
        let members = try TermsTable.groups(ofRule: id, in: database).flatMap {
            try CountingTerms.members(of: $0, in: database)
        }
        let terms = Keeping(cutoff: cutoff, grouped: Set(members.map(\.outcomeID)))
        known[id] = terms
        return terms
    }
}
