extension Configuration {
    /// Reads and checks the configuration file at `path`. Every mistake in it is reported, not just the first; only
    /// a file that is not readable, or not YAML, hides what else may be wrong.
    ///
    /// The files that it names are not opened here.
    public static func load(path: String = defaultPath) throws(ConfigurationErrors) -> Configuration {
        let remedy = "write it, or name another file with --config"
        return try parse(text: ConfigurationText.text(path: path, missing: remedy), file: path)
    }

    /// Checks `text` as if it stood in `file`, whose directory is the one that relative paths start from. Nothing is
    /// read from disk.
    public static func parse(text: String, file: String) throws(ConfigurationErrors) -> Configuration {
        let content = "the sections `responder`, `aggregator` and `sites`"
        let document = try YAMLDocument(text: text, file: file, content: content)
        var reader = ConfigurationReader(file: file)
        // A section is nil only after the reason for it was noted, so there is an error to throw.
        guard let configuration = reader.configuration(document.root), reader.notes.errors.isEmpty else {
            throw ConfigurationErrors(reader.notes.errors)
        }
        return configuration
    }
}
