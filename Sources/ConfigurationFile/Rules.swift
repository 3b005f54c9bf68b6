/// Everything `rules.yaml` says, checked: which rule versions there are, and what people call them.
public struct Rules: Sendable, Equatable {
    /// By the site's name in the configuration.
    public var sites: [String: SiteRules]

    public init(sites: [String: SiteRules]) {
        self.sites = sites
    }

    /// What holds where there is no such file.
    public static let none = Rules(sites: [:])
}

extension Rules {
    /// How many rule versions are declared, over all sites.
    public var count: Int {
        sites.values.reduce(0) { $0 + $1.rules.count }
    }

    /// What people call a rule version; nil when it has no name but its id.
    public func name(ofRule id: String, site: String) -> String? {
        rule(id, site: site)?.name
    }

    /// What people call an outcome of a rule version; nil when it has no name but its id.
    public func name(ofOutcome id: String, rule: String, site: String) -> String? {
        self.rule(rule, site: site)?.outcomeNames[OpaqueID(id)]
    }

    private func rule(_ id: String, site: String) -> DeclaredRule? {
        sites[site]?.rules[OpaqueID(id)]
    }
}
