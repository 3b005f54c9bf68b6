/// How an outcome is called where it is shown: by its name, or by its id.
struct OutcomeLabel: Hashable {
    let name: String
    /// The id, where that is not the name.
    let id: String?

    /// - Parameter id: nil for all those together that have no name of their own.
    init(id: String?, name: String?) {
        self.name = name ?? id ?? "all other outcomes"
        self.id = name == nil ? nil : id
    }

    /// A text in parts between which a line may end: after its commas.
    static func parts(_ text: String) -> [String] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        return parts.indices.map { parts[$0] + ($0 == parts.indices.last ? "" : ",") }
    }
}
