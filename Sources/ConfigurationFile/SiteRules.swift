/// What `rules.yaml` says of one site.
public struct SiteRules: Sendable, Equatable {
    /// Whether rule versions that are not declared here are counted together, under one name.
    public var onlyDeclared: Bool
    public var rules: [OpaqueID: DeclaredRule]
    /// The rule versions, of those declared here, that features stand for, by the ids of the features. No feature's id is
    /// also a rule version's.
    public var features: [OpaqueID: OpaqueID]

    public init(
        onlyDeclared: Bool = false, rules: [OpaqueID: DeclaredRule], features: [OpaqueID: OpaqueID] = [:]
    ) {
        self.onlyDeclared = onlyDeclared
        self.rules = rules
        self.features = features
    }

    /// Everything that is declared, for whoever keeps room for it, sorted by bytes.
    public var declaredIDs: [DeclaredIDs] {
        rules.sorted { $0.key < $1.key }.map { id, rule in DeclaredIDs(rule: id.text, declared: rule) }
    }
}
