import Yams

extension DocumentReader {
    /// The section that is the value of `entry`, its unknown keys refused.
    mutating func section<Key>(_ entry: Entry, titled title: String, _ keys: Key.Type) -> Section<Key>? {
        guard let written = entries(of: entry, titled: title) else { return nil }
        var entries: [Key: Entry] = [:]
        for entry in written {
            if let key = Key(rawValue: entry.key) {
                entries[key] = entry
            } else {
                let remedy = Suggestion.remedy(for: entry.key, in: keys, of: Self.sections)
                note(entry.line, "there is no key \(entry.key.shown) in \(title): \(remedy)")
            }
        }
        return Section(title: title, line: entry.line, entries: entries)
    }

    /// The keys of a section with their values, whatever they are called, each key once.
    mutating func entries(of entry: Entry, titled title: String) -> [Entry]? {
        guard case .mapping(let mapping) = entry.value else {
            let found = "not \(kind(of: entry.value))"
            note(entry.valueLine, "\(title) must be a section, lines of `key: value` indented beneath it, \(found)")
            return nil
        }
        var entries: [Entry] = []
        var lines: [OpaqueID: Int?] = [:]
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                note(key.mark?.line, "a key in \(title) must be a name, not \(kind(of: key))")
                continue
            }
            let entry = Entry(key: YAMLDocument.name(ofKey: scalar.string), line: key.mark?.line, value: value)
            if let earlier = lines.updateValue(entry.line, forKey: OpaqueID(entry.key)) {
                noteRepeat(entry, earlierLine: earlier, in: title)
            } else {
                entries.append(entry)
            }
        }
        return entries
    }

    /// The entry of a key that must be there; `expected` says what it would be.
    mutating func required<Key>(_ key: Key, of section: Section<Key>, as expected: String) -> Entry? {
        if let entry = section[key] { return entry }
        note(section.line, "\(section.title) lacks the key `\(key.rawValue)`: add it, \(expected)")
        return nil
    }

    /// What an error calls the type of a value.
    func kind(of node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.isMissing ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a section"
        case .alias: "an alias"
        }
    }

    private mutating func noteRepeat(_ entry: Entry, earlierLine: Int?, in title: String) {
        let earlier = earlierLine.map { "on line \($0)" } ?? "further up"
        note(entry.line, "\(entry.key.shown) is given in \(title) already, \(earlier): keep one of them")
    }
}
