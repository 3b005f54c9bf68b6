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
