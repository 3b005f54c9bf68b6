/// What `rules.yaml` says of one site.
public struct SiteRules: Sendable, Equatable {
    /// Whether rule versions that are not declared here are counted together, under one name.
    public var onlyDeclared: Bool
    public var rules: [OpaqueID: DeclaredRule]

    public init(onlyDeclared: Bool = false, rules: [OpaqueID: DeclaredRule]) {
        self.onlyDeclared = onlyDeclared
        self.rules = rules
    }

    /// Everything that is declared, for whoever keeps room for it, sorted by bytes.
    public var declaredIDs: [DeclaredIDs] {
        rules.sorted { $0.key < $1.key }.map { id, rule in DeclaredIDs(rule: id.text, declared: rule) }
    }
}
