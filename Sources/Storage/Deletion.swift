import Records

/// What the journal is to lose, because an operator has deleted what it was counted under.
public struct Deletion: Hashable, Sendable {
    /// As records name them: a feature's id among them, where it stands for a deleted rule version.
    public let parts: Set<RulePart>
    /// The last commit that is looked at. What comes after it is counted anew.
    public let sequence: Int64

    public init(_ parts: Set<RulePart>, through sequence: Int64) {
        self.parts = parts
        self.sequence = sequence
    }
}

extension DeclaredNames {
    /// As which parts the records stand in the journal that are counted under these ones.
    public func recordedParts(of parts: [RulePart]) -> Set<RulePart> {
        Set(
            parts.flatMap { part in
                let features = sites[DimensionName(part.site)]?.features ?? [:]
                let rule = DimensionName(part.ruleID)
                let named = features.filter { $0.value == rule }.keys.map(\.description)
                // What names a feature is counted elsewhere.
                let own = features[rule] == nil ? [part.ruleID] : []
                return (own + named).map { RulePart(site: part.site, ruleID: $0, outcomeID: part.outcomeID) }
            })
    }

    /// The first of these parts that a declared group compares, and that group's name.
    public func group(comparing parts: [RulePart]) -> (part: RulePart, name: String)? {
        for part in parts {
            let groups = sites[DimensionName(part.site)]?.rules[DimensionName(part.ruleID)]?.groups ?? []
            let group = groups.first { group in
                guard let outcomeID = part.outcomeID else { return true }
                return group.shares.contains { $0.outcome == DimensionName(outcomeID) }
            }
            if let group { return (part, group.name) }
        }
        return nil
    }
}
