/// A file that the configuration names for what is in it: a secret or a key.
///
/// Only the path is kept. Whoever needs the contents reads them, so that a process without need of secrets needs no
/// permission either.
public struct KeyFile: Sendable, Equatable {
    public var path: String
    /// Where the configuration names it, for errors.
    public var configurationFile: String
    public var line: Int?

    public init(path: String, configurationFile: String, line: Int?) {
        self.path = path
        self.configurationFile = configurationFile
        self.line = line
    }
}
