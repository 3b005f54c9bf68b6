import GRDB
import struct Records.Record
import Storage

/// Turns the names in records into ids, and names beyond the limits into `other`, unless they are declared.
///
/// It lives for one fold and remembers what that fold has looked up, so it holds no more than the fold's records do,
/// and nothing that a fold rolled back could outlive.
struct DimensionInterner {
    private let database: Database
    private let limits: DimensionLimits
    private let declared: DeclaredNames
    private(set) var overflow = FoldOverflow()
    private var known: [Key: Int64] = [:]
    /// By parent: how many names stand under it.
    private var children: [Int64: Int]

    private struct Key: Hashable {
        let parentID: Int64
        let name: DimensionName
    }

    init(database: Database, limits: DimensionLimits, declared: DeclaredNames) throws {
        self.database = database
        self.limits = limits
        self.declared = declared
        children = [Dimension.root: try Dimension.countSites(in: database)]
    }

    /// The ids under which a record is counted.
    mutating func ids(of record: Record) throws -> (rule: Int64, conversion: Int64) {
        let siteName = DimensionName(record.site)
        let ruleName = DimensionName(record.event.ruleID)
        let declaredSite = declared.sites[siteName]
        let declaredRule = declaredSite?.rules[ruleName]
        let site = try id(
            of: siteName, under: (Dimension.root, false), Room(max: limits.sitesMax, isDeclared: declaredSite != nil))
        let rule = try id(
            of: ruleName, under: site,
            Room(
                max: limits.rulesPerSiteMax, isDeclared: declaredRule != nil,
                isClosed: declaredSite?.isClosed == true))
        let outcomeName = DimensionName(record.event.outcomeID)
        let outcome = try id(
            of: outcomeName, under: rule,
            Room(max: limits.outcomesPerRuleMax, isDeclared: declaredRule?.outcomes.contains(outcomeName) == true))
        // Conversions mean the same under any outcome, so they keep their names under one that stands for many.
        let conversionName = DimensionName(record.event.conversionName ?? "")
        let conversion = try id(
            of: conversionName, under: (outcome.id, false),
            Room(
                max: limits.conversionsPerOutcomeMax,
                isDeclared: declaredRule?.conversions.contains(conversionName) == true))
        // A rule that a closed site does not list is not one for which there was no room.
        let isRuleWithoutRoom = rule.isOther && declaredSite?.isClosed != true
        note(
            site: site.isOther, rule: isRuleWithoutRoom, outcome: outcome.isOther && !rule.isOther,
            conversion: conversion.isOther)
        return (rule.id, conversion.id)
    }

    /// What there is room for under one parent.
    private struct Room {
        let max: Int
        let isDeclared: Bool
        /// Whether nothing has room but what is declared.
        var isClosed = false

        func holds(_ siblings: Int) -> Bool {
            isDeclared || siblings < max
        }
    }

    /// Counts the first of a record's names that is `other`; those beneath it follow from it.
    private mutating func note(site: Bool, rule: Bool, outcome: Bool, conversion: Bool) {
        if site {
            overflow.sites += 1
        } else if rule {
            overflow.rules += 1
        } else if outcome {
            overflow.outcomes += 1
        } else if conversion {
            overflow.conversions += 1
        }
    }

    /// - Parameter parent: what the name stands under, and whether that is `other`; then so is the name.
    private mutating func id(
        of name: DimensionName, under parent: (id: Int64, isOther: Bool), _ room: Room
    ) throws -> (id: Int64, isOther: Bool) {
        let mayBeNamed = !parent.isOther && (room.isDeclared || !room.isClosed)
        if mayBeNamed, let id = try idOfNamed(name, under: parent.id, room) { return (id, false) }
        return (try idOfOther(under: parent.id), true)
    }

    /// Nil when the name is new and there is no room for it.
    private mutating func idOfNamed(_ name: DimensionName, under parentID: Int64, _ room: Room) throws -> Int64? {
        let key = Key(parentID: parentID, name: name)
        if let id = known[key] { return id }
        if let dimension = try Dimension.find(key.name, under: parentID, in: database) {
            return remember(dimension, as: key)
        }
        let siblings = children[parentID] ?? 0
        guard room.holds(siblings) else { return nil }
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
