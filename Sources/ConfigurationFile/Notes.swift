/// What there is to say of a file, as it is read.
struct Notes {
    let file: String
    var errors: [ConfigurationError] = []

    init(file: String) {
        self.file = file
    }

    mutating func add(_ line: Int?, _ message: String) {
        errors.append(ConfigurationError(file: file, line: line, message: message))
    }
}
