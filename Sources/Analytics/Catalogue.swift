import ConfigurationFile
import Storage
import Synchronization

/// The sites that are configured and the rules that are declared, as they are in force now. A reload exchanges all at
/// once.
public final class Catalogue: Sendable {
    private struct Content {
        let sites: Set<String>
        let rules: Rules
        let declaredNames: DeclaredNames
    }

    private let content: Mutex<Content>

    public init(sites: Set<String>, rules: Rules = .none) {
        content = Mutex(Content(sites: sites, rules: rules, declaredNames: DeclaredNames(rules)))
    }

    public func replace(sites: Set<String>, rules: Rules) {
        let new = Content(sites: sites, rules: rules, declaredNames: DeclaredNames(rules))
        content.withLock { $0 = new }
    }

    public var sites: Set<String> { content.withLock { $0.sites } }
    public var rules: Rules { content.withLock { $0.rules } }
    /// What a store has to keep room for.
    public var declaredNames: DeclaredNames { content.withLock { $0.declaredNames } }
}

extension DeclaredNames {
    init(_ rules: Rules) {
        let sites = rules.sites.map { name, site in
            let declared = site.declaredIDs.map { ids in
                (DimensionName(ids.rule), Rule(ids, groups: site.rules[OpaqueID(ids.rule)]?.groups ?? []))
            }
            return (
                DimensionName(name),
                Site(rules: Dictionary(uniqueKeysWithValues: declared), isClosed: site.onlyDeclared)
            )
        }
        self.init(sites: Dictionary(uniqueKeysWithValues: sites))
    }
}

extension DeclaredNames.Rule {
    init(_ ids: DeclaredIDs, groups: [OutcomeGroup]) {
        self.init(
            outcomes: Set(ids.outcomes.map { DimensionName($0.id) }),
            conversions: Set(ids.outcomes.flatMap(\.conversions).map { DimensionName($0) }),
            groups: groups.map(DeclaredGroup.init))
    }
}

extension DeclaredGroup {
    init(_ group: OutcomeGroup) {
        self.init(
            name: group.name,
            shares: group.shares.map { Share(outcome: DimensionName($0.outcome.text), weight: $0.weight) },
            baseline: DimensionName(group.baseline.text), conversion: DimensionName(group.conversion.text),
            windowDays: group.windowDays)
    }
}
