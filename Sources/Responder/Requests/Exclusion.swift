import ForwardProtocol

/// nginx's word that something is not to be counted.
struct Exclusion: Sendable, Equatable {
    private static let prefix = "excluded:"

    /// Why, in nginx's words, as far as they are short and without control characters.
    let reason: String
    /// The same as the tally has it: short, without control characters, and apart from every other reason.
    let tallyReason: String

    /// `given` is nginx's reason; nil or empty excludes nothing.
    init?(_ given: String?) {
        guard let given, !given.isEmpty else { return nil }
        reason = given.escaped(charactersMax: 32)
        let tallied = Self.prefix + reason
        tallyReason = tallied.utf8.count <= TallyEntry.reasonBytesMax ? tallied : Self.prefix + "other"
    }
}
