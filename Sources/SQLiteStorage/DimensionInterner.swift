import GRDB
import struct Records.Record
import Storage

/// Turns the names in records into ids, and names beyond the limits into `other`.
///
/// It lives for one fold and remembers what that fold has looked up, so it holds no more than the fold's records do,
/// and nothing that a fold rolled back could outlive.
struct DimensionInterner {
    private let database: Database
    private let limits: DimensionLimits
    private var known: [Key: Int64] = [:]
    /// By parent: how many names stand under it.
    private var children: [Int64: Int]

    private struct Key: Hashable {
        let parentID: Int64
        let name: DimensionName
    }

    init(database: Database, limits: DimensionLimits) throws {
        self.database = database
        self.limits = limits
        children = [Dimension.root: try Dimension.countSites(in: database)]
    }

    /// The ids under which a record is counted.
    mutating func ids(of record: Record) throws -> (rule: Int64, conversion: Int64) {
        let site = try id(of: record.site, under: (Dimension.root, false), max: limits.sitesMax)
        let rule = try id(of: record.conversion.ruleID, under: site, max: limits.rulesPerSiteMax)
        let outcome = try id(of: record.conversion.outcomeID, under: rule, max: limits.outcomesPerRuleMax)
        // Conversions mean the same under any outcome, so they keep their names under one that stands for many.
        let conversion = try id(
            of: record.conversion.name, under: (outcome.id, false), max: limits.conversionsPerOutcomeMax)
        return (rule.id, conversion.id)
    }

    /// - Parameter parent: what the name stands under, and whether that is `other`; then so is the name.
    private mutating func id(
        of text: String, under parent: (id: Int64, isOther: Bool), max: Int
    ) throws -> (id: Int64, isOther: Bool) {
        if !parent.isOther, let id = try idOfNamed(text, under: parent.id, max: max) { return (id, false) }
        return (try idOfOther(under: parent.id), true)
    }

    /// Nil when the name is new and there is no room for it.
    private mutating func idOfNamed(_ text: String, under parentID: Int64, max: Int) throws -> Int64? {
        let key = Key(parentID: parentID, name: .named(text))
        if let id = known[key] { return id }
        if let dimension = try Dimension.find(key.name, under: parentID, in: database) {
            return remember(dimension, as: key)
        }
        let siblings = children[parentID] ?? 0
        guard siblings < max else { return nil }
        children[parentID] = siblings + 1
        return remember(try Dimension.insert(key.name, under: parentID, in: database), as: key)
    }

    private mutating func idOfOther(under parentID: Int64) throws -> Int64 {
        let key = Key(parentID: parentID, name: .other)
        if let id = known[key] { return id }
        let dimension = try Dimension.find(.other, under: parentID, in: database)
        return remember(try dimension ?? Dimension.insert(.other, under: parentID, in: database), as: key)
    }

    private mutating func remember(_ dimension: Dimension, as key: Key) -> Int64 {
        known[key] = dimension.id
        children[dimension.id] = dimension.children
        return dimension.id
    }
}
