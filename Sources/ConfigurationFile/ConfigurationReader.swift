import Yams

/// Turns the nodes of `config.yaml` into a `Configuration`.
struct ConfigurationReader: DocumentReader {
    static let sections = Keys.sections

    var notes: Notes
    /// The absolute path of the directory that relative paths start from.
    let directory: String
    /// The Unix sockets named so far, which must differ.
    var sockets: [String: Entry] = [:]

    init(file: String) {
        notes = Notes(file: file)
        directory = Self.directory(of: file)
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
        let rules = file[.rules].flatMap { path($0, "the path of the file that declares rules") }
        guard let responder, let aggregator, let sites else { return nil }
        return Configuration(
            responder: responder, aggregator: aggregator, sites: sites, rules: rules, warnings: notes.warnings.inOrder)
    }
}
