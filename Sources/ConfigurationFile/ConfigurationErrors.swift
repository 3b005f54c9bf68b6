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

extension [ConfigurationError] {
    /// File by file, in the order of lines, each kept once.
    public var inOrder: [ConfigurationError] {
        var kept: [ConfigurationError] = []
        for error in sorted(by: { ($0.file, $0.line ?? 0, $0.message) < ($1.file, $1.line ?? 0, $1.message) })
        where error != kept.last {
            kept.append(error)
        }
        return kept
    }
}

/// What there is to say of a file, as it is read.
struct Notes {
    let file: String
    private(set) var errors: [ConfigurationError] = []
    /// What is allowed and yet risky.
    private(set) var warnings: [ConfigurationError] = []

    init(file: String) {
        self.file = file
    }

    mutating func addError(_ line: Int?, _ message: String) {
        errors.append(ConfigurationError(file: file, line: line, message: message))
    }

    mutating func addWarning(_ line: Int?, _ message: String) {
        warnings.append(ConfigurationError(file: file, line: line, message: message))
    }
}

extension String {
    /// A text from the file as an error shows it: short, and with no control character that could forge a line.
    var shown: String {
        let clean = unicodeScalars.prefix(80).map { $0.isControl ? "?" : String($0) }.joined()
        return "`\(clean)\(unicodeScalars.count > 80 ? "…" : "")`"
    }
}

extension Unicode.Scalar {
    var isControl: Bool {
        properties.generalCategory == .control
    }
}
