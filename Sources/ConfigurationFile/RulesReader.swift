import Yams

/// Turns the nodes of `rules.yaml` into `Rules`.
struct RulesReader: DocumentReader {
    static let sections = RuleKeys.sections

    var notes: Notes
    /// The outcomes that groups of the rule in hand have so far, which must differ.
    var grouped: [OpaqueID: Entry] = [:]
    /// The configuration's; nil when they are not known.
    private let knownSites: Set<String>?

    init(file: String, knownSites: Set<String>?) {
        notes = Notes(file: file)
        self.knownSites = knownSites
    }

    mutating func rules(_ root: Node) -> Rules? {
        let whole = Entry(key: "", line: nil, value: root)
        guard let file = section(whole, titled: "the file", RuleKeys.File.self),
            let section = required(.sites, of: file, as: "the section with a section for each site that has rules"),
            let entries = entries(of: section, titled: "`sites`")
        else { return nil }
        var sites: [String: SiteRules] = [:]
        for entry in entries {
            checkSite(entry)
            sites[entry.key] = site(entry)
        }
        return Rules(sites: sites)
    }

    private mutating func checkSite(_ entry: Entry) {
        guard let knownSites, !knownSites.contains(entry.key) else { return }
        let names = knownSites.sorted()
        let meant = Suggestion.nearest(to: entry.key, among: names).map { "did you mean `\($0)`?" }
        let remedy = meant ?? "its sites are \(names.joined(separator: ", "))"
        note(entry.line, "the configuration has no site \(entry.key.shown): \(remedy)")
    }

    private mutating func site(_ entry: Entry) -> SiteRules? {
        let title = "sites.\(entry.key)"
        guard let section = section(entry, titled: title.shown, RuleKeys.Site.self) else { return nil }
        let onlyDeclared = flag(section[.onlyDeclared])
        let expected = "a section with the id of each rule version, which may have nothing beneath it"
        guard let list = required(.rules, of: section, as: expected),
            let entries = entries(of: list, titled: "\(title).rules".shown)
        else { return nil }
        var site = SiteRules(rules: [:])
        site.onlyDeclared = onlyDeclared ?? site.onlyDeclared
        for entry in entries {
            let id = id(ofKey: entry, .rule)
            if let rule = rule(entry, titled: "\(title).rules.\(entry.key)"), let id { site.rules[id] = rule }
        }
        let declared = entries.map { OpaqueID($0.key) }
        site.features = section[.features].map { features($0, titled: "\(title).features", declared) } ?? [:]
        return site
    }

    /// - Parameter declared: the site's rule versions in the file's order, those with mistakes too.
    private mutating func features(
        _ entry: Entry, titled title: String, _ declared: [OpaqueID]
    ) -> [OpaqueID: OpaqueID] {
        var features: [OpaqueID: OpaqueID] = [:]
        for entry in entries(of: entry, titled: title.shown) ?? [] {
            let feature = id(ofKey: entry, .feature)
            let rule = id(entry.titled("the rule version of \(entry.title)"), .rule)
            guard let feature, let rule else { continue }
            if declared.contains(feature) {
                let remedy = "a feature is another's name, so take one out"
                note(entry.line, "\(entry.title) is a rule version under `rules`: \(remedy)")
            }
            if declared.contains(rule) {
                features[feature] = rule
            } else {
                note(entry.line, undeclared(rule, of: entry, declared))
            }
        }
        return features
    }

    private func undeclared(_ rule: OpaqueID, of entry: Entry, _ declared: [OpaqueID]) -> String {
        let meant = Suggestion.nearest(to: rule.text, among: declared.map(\.text))
        let remedy = meant.map { "did you mean `\($0)`?" } ?? "add it there"
        let expected = "one of those under `rules`, not \(rule.text.shown): \(remedy)"
        return "the rule version of \(entry.title) must be \(expected)"
    }

    private mutating func rule(_ entry: Entry, titled title: String) -> DeclaredRule? {
        // The id alone declares a rule.
        if case .scalar(let scalar) = entry.value, scalar.isMissing { return DeclaredRule() }
        guard let section = section(entry, titled: title.shown, RuleKeys.Rule.self) else { return nil }
        var rule = DeclaredRule()
        rule.name = section[.name].flatMap { name($0) }
        rule.outcomeNames = section[.outcomes].map { outcomeNames($0, titled: "\(title).outcomes") } ?? [:]
        rule.groups = section[.groups].map { groups($0, titled: "\(title).groups") } ?? []
        return rule
    }

    private mutating func outcomeNames(_ entry: Entry, titled title: String) -> [OpaqueID: String] {
        var names: [OpaqueID: String] = [:]
        for entry in entries(of: entry, titled: title.shown) ?? [] {
            let id = id(ofKey: entry, .outcome)
            let name = name(entry.titled("the name of \(entry.title)"))
            if let id { names[id] = name }
        }
        return names
    }
}
