import ConfigurationFile
import Storage
import Synchronization

/// The sites that are configured and the rules that are declared, as they are in force now. A reload exchanges all at
/// once.
public final class Catalogue: Sendable {
    private struct Content {
        let sites: Set<String>
        let timeZones: [String: String]
        let rules: Rules
        let declaredNames: DeclaredNames

        init(_ sites: [String: SiteConfiguration], _ rules: Rules) {
            self.sites = Set(sites.keys)
            timeZones = sites.compactMapValues(\.timeZone)
            self.rules = rules
            declaredNames = DeclaredNames(sites, rules)
        }
    }

    private let content: Mutex<Content>

    public init(sites: [String: SiteConfiguration], rules: Rules = .none) {
        content = Mutex(Content(sites, rules))
    }

    public func replace(sites: [String: SiteConfiguration], rules: Rules) {
        let new = Content(sites, rules)
        content.withLock { $0 = new }
    }

    public var sites: Set<String> { content.withLock { $0.sites } }
    /// By whose days people are told of a site, as it is configured; nil where that is not, or the tz database has no such zone.
    func timeZone(ofSite name: String) -> String? {
        let zone = content.withLock { $0.timeZones[name] }
        return (try? Zone(zone)) == nil ? nil : zone
    }

    public var rules: Rules { content.withLock { $0.rules } }
    /// What a store has to keep room for, and how it has to count.
    public var declaredNames: DeclaredNames { content.withLock { $0.declaredNames } }
}

extension DeclaredNames {
    init(_ sites: [String: SiteConfiguration], _ rules: Rules) {
        let declared = sites.map { name, configuration in
            (DimensionName(name), Site(configuration, rules.sites[name]))
        }
        self.init(sites: Dictionary(uniqueKeysWithValues: declared))
    }
}

extension DeclaredNames.Site {
    /// - Parameter rules: nil where none are declared.
    init(_ configuration: SiteConfiguration, _ rules: SiteRules?) {
        let declared = (rules?.rules ?? [:]).map { (DimensionName($0.key.text), DeclaredNames.Rule($0.value)) }
        let features = (rules?.features ?? [:]).map { (DimensionName($0.key.text), DimensionName($0.value.text)) }
        self.init(
            rules: Dictionary(uniqueKeysWithValues: declared), features: Dictionary(uniqueKeysWithValues: features),
            isClosed: rules?.onlyDeclared ?? false,
            windowDays: configuration.windowDays, retentionDays: configuration.retentionDays)
    }
}

extension DeclaredNames.Rule {
    /// Of outcomes those that have a name or a place or are in a group, of conversions those of groups.
    init(_ rule: DeclaredRule) {
        let groups = rule.groups.map(DeclaredGroup.init)
        self.init(
            outcomes: Set(rule.outcomeIDs.map { DimensionName($0.text) }),
            conversions: Set(groups.flatMap(\.conversions)), groups: groups)
    }
}

extension DeclaredGroup {
    init(_ group: OutcomeGroup) {
        self.init(
            name: group.name,
            shares: group.shares.map { Share(outcome: DimensionName($0.outcome.text), weight: $0.weight) },
            baseline: DimensionName(group.baseline.text), conversion: DimensionName(group.conversion.text),
            windowDays: group.windowDays, tau: group.tau,
            guardrails: group.guardrails.map {
                Guardrail(conversion: DimensionName($0.conversion.text), margin: $0.margin)
            })
    }
}
