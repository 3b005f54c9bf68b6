import ForwardProtocol

/// nginx's word that something is not to be counted.
struct Exclusion: Sendable, Equatable {
    private static let prefix = "excluded:"

    /// Why, as the tally has it: short, without control characters, and apart from every other reason.
    let tallyReason: String

    /// `given` is nginx's reason; nil or empty excludes nothing.
    init?(_ given: String?) {
        guard let given, !given.isEmpty else { return nil }
        let reason = Self.prefix + given.escaped(charactersMax: 32)
        tallyReason = reason.utf8.count <= TallyEntry.reasonBytesMax ? reason : Self.prefix + "other"
    }
}
