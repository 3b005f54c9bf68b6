import Yams

/// Walks the nodes of the file and turns them into a `Configuration`, noting every mistake on the way.
///
/// A function that reads something returns nil when it has noted why, or when the key is not there at all and need
/// not be. So reading goes on after a mistake, and one mistake is not reported as several.
struct ConfigurationReader {
    let file: String
    /// The absolute path of the directory that relative paths start from.
    let directory: String
    private(set) var errors: [ConfigurationError] = []
    /// The Unix sockets named so far, which must differ.
    var sockets: [String: Entry] = [:]

    init(file: String) {
        self.file = file
        directory = Self.directory(of: file)
    }

    mutating func note(_ line: Int?, _ message: String) {
        errors.append(ConfigurationError(file: file, line: line, message: message))
    }

    /// Notes that a value is not what it must be. `found` must hold nothing of a value that may be secret.
    mutating func note(_ entry: Entry, mustBe expected: String, _ found: String) {
        note(entry.valueLine, "\(entry.title) must be \(expected), \(found)")
    }

    mutating func configuration(_ root: Node) -> Configuration? {
        let whole = Entry(key: "", line: nil, value: root)
        guard let file = section(whole, titled: "the file", Keys.File.self) else { return nil }
        let responder = required(.responder, of: file, as: "the section of the FastCGI responder")
            .flatMap { self.responder($0) }
        let aggregator = required(.aggregator, of: file, as: "the section of the aggregator")
            .flatMap { self.aggregator($0) }
        let sites = required(.sites, of: file, as: "the section with a section for each site, `default` for one")
            .flatMap { self.sites($0) }
        guard let responder, let aggregator, let sites else { return nil }
        return Configuration(responder: responder, aggregator: aggregator, sites: sites)
    }
}
