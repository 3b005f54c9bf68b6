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

    /// What is allowed and yet deserves a word: groups that need visitors for longer than `sites` keep them. It is placed in the
    /// file of rules.
    public func warnings(sites configured: [String: SiteConfiguration], file: String) -> [ConfigurationError] {
        sites.sorted { $0.key < $1.key }.flatMap { name, site in
            site.rules.sorted { $0.key < $1.key }.flatMap { id, rule in
                rule.groups.compactMap { group in
                    // Visitors of one window at least, and the window of the last of them.
                    let days = 2 * group.windowDays
                    guard let kept = configured[name]?.retentionDays, kept < days else { return nil }
                    return ConfigurationError(
                        file: file, line: nil,
                        message:
                            "group \(group.name.shown) of rule \(id.text.shown) needs its visitors for \(days) days at least, "
                            + "two of its windows, and `sites.\(name).retentionDays` is \(kept): they are kept for as long as "
                            + "the group is declared; take it out once it is decided, or make one of the two fit")
                }
            }
        }
    }

    private func rule(_ id: String, site: String) -> DeclaredRule? {
        sites[site]?.rules[OpaqueID(id)]
    }
}
