/// What `rules.yaml` says of one rule version.
public struct DeclaredRule: Sendable, Equatable {
    /// For people; nil when it has no name but its id.
    public var name: String?
    /// What people call outcomes, by their ids.
    public var outcomeNames: [OpaqueID: String]
    /// In the order of the file. No outcome is in two of them.
    public var groups: [OutcomeGroup]

    public init(name: String? = nil, outcomeNames: [OpaqueID: String] = [:], groups: [OutcomeGroup] = []) {
        self.name = name
        self.outcomeNames = outcomeNames
        self.groups = groups
    }
}
