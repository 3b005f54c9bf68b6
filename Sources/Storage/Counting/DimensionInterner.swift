/// Where names stand: sites, the rule versions of each, the outcomes of each, the conversions of each.
package protocol DimensionTable {
    associatedtype Failure: Error

    /// The id of a name, and how many names stand under it, `other` not counted; nil where it is not there.
    mutating func find(_ name: DimensionName, under parentID: Int64) throws(Failure) -> (id: Int64, children: Int)?

    /// Adds a name that is not there, and returns its id.
    mutating func insert(_ name: DimensionName, under parentID: Int64) throws(Failure) -> Int64

    func countSites() throws(Failure) -> Int
}

/// The id above all sites, which nothing else has.
package let dimensionRoot: Int64 = 0

/// Turns the names in records into ids, and names beyond the limits into `other`, unless they are declared.
///
/// It lives for one fold and remembers what that fold has looked up, so it holds no more than the fold's records do,
/// and nothing that a fold rolled back could outlive.
package struct DimensionInterner<Table: DimensionTable> {
    package private(set) var table: Table
    private let limits: DimensionLimits
    private let declared: DeclaredNames
    package private(set) var overflow = FoldOverflow()
    private var known: [Key: Int64] = [:]
    /// By parent: how many names stand under it.
    private var children: [Int64: Int]

    private struct Key: Hashable {
        let parentID: Int64
        let name: DimensionName
    }

    package init(_ table: Table, limits: DimensionLimits, declared: DeclaredNames) throws(Table.Failure) {
        self.table = table
        self.limits = limits
        self.declared = declared
        children = [dimensionRoot: try table.countSites()]
    }

    /// The ids under which records of a kind are counted.
    package mutating func ids(of kind: RecordBatch.Kind) throws(Table.Failure) -> DimensionIDs {
        let siteName = DimensionName(kind.site)
        let ruleName = DimensionName(kind.event.ruleID)
        let declaredSite = declared.sites[siteName]
        let declaredRule = declaredSite?.rules[ruleName]
        let site = try place(ofSite: siteName)
        let rule = try place(ofRule: ruleName, under: site, declaredSite)
        let outcome = try place(ofOutcome: DimensionName(kind.event.outcomeID), under: rule, declaredRule)
        var conversion: Place?
        if let name = kind.event.conversionName {
            conversion = try place(ofConversion: DimensionName(name), under: outcome, declaredRule)
        }
        // A rule that a closed site does not list is not one for which there was no room.
        let isRuleWithoutRoom = rule.isOther && declaredSite?.isClosed != true
        count(
            kind.count, site: site.isOther, rule: isRuleWithoutRoom, outcome: outcome.isOther && !rule.isOther,
            conversion: conversion?.isOther == true)
        return DimensionIDs(site: site.id, rule: rule.id, outcome: outcome.id, conversion: conversion?.id)
    }

    /// The id of a declared site.
    package mutating func id(ofSite name: DimensionName) throws(Table.Failure) -> Int64 {
        try place(ofSite: name).id
    }

    /// The id of a declared rule version.
    package mutating func id(ofRule name: DimensionName, site: DimensionName) throws(Table.Failure) -> Int64 {
        try place(ofRule: name, under: try place(ofSite: site), declared.sites[site]).id
    }

    /// Gives ids to a declared group's outcomes, and to its conversion under each.
    package mutating func intern(_ group: DeclaredGroup, rule: DimensionName, site: DimensionName) throws(Table.Failure)
    {
        let declaredRule = declared.sites[site]?.rules[rule]
        let rulePlace = try place(ofRule: rule, under: try place(ofSite: site), declared.sites[site])
        for share in group.shares {
            let outcome = try place(ofOutcome: share.outcome, under: rulePlace, declaredRule)
            for conversion in group.conversions {
                _ = try place(ofConversion: conversion, under: outcome, declaredRule)
            }
        }
    }

    private typealias Place = (id: Int64, isOther: Bool)

    private mutating func place(ofSite name: DimensionName) throws(Table.Failure) -> Place {
        let room = Room(max: limits.sitesMax, isDeclared: declared.sites[name] != nil)
        return try id(of: name, under: (dimensionRoot, false), room)
    }

    private mutating func place(
        ofRule name: DimensionName, under site: Place, _ declared: DeclaredNames.Site?
    ) throws(Table.Failure) -> Place {
        let room = Room(
            max: limits.rulesPerSiteMax, isDeclared: declared?.rules[name] != nil, isClosed: declared?.isClosed == true)
        return try id(of: name, under: site, room)
    }

    private mutating func place(
        ofOutcome name: DimensionName, under rule: Place, _ declared: DeclaredNames.Rule?
    ) throws(Table.Failure) -> Place {
        let room = Room(max: limits.outcomesPerRuleMax, isDeclared: declared?.outcomes.contains(name) == true)
        return try id(of: name, under: rule, room)
    }

    /// Conversions mean the same under any outcome, so they keep their names under one that stands for many.
    private mutating func place(
        ofConversion name: DimensionName, under outcome: Place, _ declared: DeclaredNames.Rule?
    ) throws(Table.Failure) -> Place {
        let isDeclared = declared?.conversions.contains(name) == true
        let room = Room(max: limits.conversionsPerOutcomeMax, isDeclared: isDeclared)
        return try id(of: name, under: (outcome.id, false), room)
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

    /// Counts records by the first of their names that is `other`; those beneath it follow from it.
    private mutating func count(_ records: Int, site: Bool, rule: Bool, outcome: Bool, conversion: Bool) {
        if site {
            overflow.sites += records
        } else if rule {
            overflow.rules += records
        } else if outcome {
            overflow.outcomes += records
        } else if conversion {
            overflow.conversions += records
        }
    }

    /// - Parameter parent: what the name stands under, and whether that is `other`; then so is the name.
    private mutating func id(
        of name: DimensionName, under parent: Place, _ room: Room
    ) throws(Table.Failure) -> Place {
        let mayBeNamed = !parent.isOther && (room.isDeclared || !room.isClosed)
        if mayBeNamed, let id = try idOfNamed(name, under: parent.id, room) { return (id, false) }
        return (try idOfOther(under: parent.id), true)
    }

    /// Nil when the name is new and there is no room for it.
    private mutating func idOfNamed(_ name: DimensionName, under parentID: Int64, _ room: Room) throws(Table.Failure)
        -> Int64?
    {
        let key = Key(parentID: parentID, name: name)
        if let id = known[key] { return id }
        if let dimension = try table.find(key.name, under: parentID) { return remember(dimension, as: key) }
        let siblings = children[parentID] ?? 0
        guard room.holds(siblings) else { return nil }
        children[parentID] = siblings + 1
        return remember((try table.insert(key.name, under: parentID), 0), as: key)
    }

    private mutating func idOfOther(under parentID: Int64) throws(Table.Failure) -> Int64 {
        let key = Key(parentID: parentID, name: .other)
        if let id = known[key] { return id }
        if let found = try table.find(.other, under: parentID) { return remember(found, as: key) }
        return remember((try table.insert(.other, under: parentID), 0), as: key)
    }

    private mutating func remember(_ dimension: (id: Int64, children: Int), as key: Key) -> Int64 {
        known[key] = dimension.id
        children[dimension.id] = dimension.children
        return dimension.id
    }
}

/// The ids under which records of one kind are counted.
package struct DimensionIDs {
    package let site: Int64
    package let rule: Int64
    package let outcome: Int64
    /// nil for an exposure.
    package let conversion: Int64?
}
