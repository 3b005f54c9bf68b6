/// Every mistake found in one reading of the configuration, file by file, in the order of lines.
public struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one. Those of a file as a whole stand first.
    public let errors: [ConfigurationError]

    /// Puts `errors`, of which there must be one at least, in order. A mistake in a part that aliases repeat is kept
    /// once.
    public init(_ errors: [ConfigurationError]) {
        precondition(!errors.isEmpty, "an error without a mistake explains nothing")
        self.errors = errors.inOrder
    }

    /// The same mistakes, each naming the site that it makes unusable.
    public func ofSite(_ name: String) -> ConfigurationErrors {
        ConfigurationErrors(
            errors.map { error in
                var error = error
                error.message = "site '\(name)': \(error.message)"
                return error
            })
    }

    /// One line for each mistake.
    public var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
