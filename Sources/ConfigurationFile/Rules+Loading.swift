extension Rules {
    /// Reads and checks the file of rules that `configuration` names; `none` where it names none.
    public static func load(for configuration: Configuration) throws(ConfigurationErrors) -> Rules {
        guard let path = configuration.rules else { return .none }
        return try load(path: path, sites: Set(configuration.sites.keys))
    }

    /// Reads and checks the file of rules at `path`, as `Configuration.load(path:)` does its own. `sites` are those of
    /// the configuration, which the file may have no others than; nil when they are not known.
    public static func load(path: String, sites: Set<String>?) throws(ConfigurationErrors) -> Rules {
        let remedy = "write it, or take `rules` out of the configuration"
        return try parse(text: ConfigurationText.text(path: path, missing: remedy), file: path, sites: sites)
    }

    /// Checks `text` as if it stood in `file`. Nothing is read from disk.
    public static func parse(text: String, file: String, sites: Set<String>?) throws(ConfigurationErrors) -> Rules {
        let document = try YAMLDocument(text: text, file: file, content: "the section `sites`")
        var reader = RulesReader(file: file, knownSites: sites)
        // Rules are nil only after the reason for it was noted, so there is an error to throw.
        guard let rules = reader.rules(document.root), reader.notes.errors.isEmpty else {
            throw ConfigurationErrors(reader.notes.errors)
        }
        return rules
    }
}
