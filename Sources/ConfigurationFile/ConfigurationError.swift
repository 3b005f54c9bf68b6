/// One mistake in the configuration or in a file it names, or one warning of what is risky there.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file the mistake stands in.
    public var file: String
    /// Counted from 1; nil when it is the file as a whole.
    public var line: Int?
    /// What is wrong and what would be right, in one line, with no secret in it.
    public var message: String

    public init(file: String, line: Int?, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `config.yaml:12: what is wrong`, as compilers put it.
    public var description: String {
        line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
    }
}
