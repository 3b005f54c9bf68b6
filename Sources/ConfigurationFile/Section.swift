/// A section of the file as it was written: what its known keys are set to.
struct Section<Key: Keys.Section> {
    /// What an error calls it: `` `sites.default.jwt` ``.
    let title: String
    /// The line of the section's own key; nil for the file as a whole.
    let line: Int?
    let entries: [Key: Entry]

    subscript(key: Key) -> Entry? {
        entries[key]
    }
}
