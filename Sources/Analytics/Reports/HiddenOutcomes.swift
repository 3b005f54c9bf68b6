import Records
import Storage

/// The outcomes of one rule version that are left out of its reports.
struct HiddenOutcomes {
    /// How many are named where it is told that some are left out.
    private static let namesMax = 10

    static let none = HiddenOutcomes(ids: [])

    /// In the order of their bytes.
    let ids: [DimensionName]

    private init(ids: [DimensionName]) {
        self.ids = ids
    }

    init(of rule: RulePart, among parts: Set<RulePart>) {
        let ids = parts.compactMap { part in
            RulePart(site: part.site, ruleID: part.ruleID) == rule ? part.outcomeID.map { DimensionName($0) } : nil
        }
        self.init(ids: ids.sorted())
    }

    /// What is not hidden.
    func leave(_ counts: [OutcomeCounts]) -> [OutcomeCounts] {
        ids.isEmpty ? counts : counts.filter { !ids.contains($0.outcome) }
    }

    func leave(_ counts: [ActivityCounts]) -> [ActivityCounts] {
        ids.isEmpty ? counts : counts.filter { !ids.contains($0.outcome) }
    }

    /// What a reader has to know; nil where none is hidden.
    var sentence: String? {
        guard !ids.isEmpty else { return nil }
        let rest = ids.count > Self.namesMax ? " and \(ids.count - Self.namesMax) more" : ""
        let names = ids.prefix(Self.namesMax).map(\.description).joined(separator: ", ")
        return "Hidden outcomes are left out: \(names)\(rest)"
    }
}
