/// Every mistake found in one reading of the configuration, in the order of its lines.
public struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one. Those of the file as a whole stand first.
    public let errors: [ConfigurationError]

    /// Puts `errors`, of which there must be one at least, in order. A mistake in a part that aliases repeat is kept
    /// once.
    public init(_ errors: [ConfigurationError]) {
        precondition(!errors.isEmpty, "an error without a mistake explains nothing")
        var kept: [ConfigurationError] = []
        for error in errors.sorted(by: { ($0.line ?? 0, $0.message) < ($1.line ?? 0, $1.message) })
        where error != kept.last {
            kept.append(error)
        }
        self.errors = kept
    }

    /// One line for each mistake.
    public var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
