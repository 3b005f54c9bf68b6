import Analytics

/// The time zones that a page lets its reader choose from.
enum TimeZoneChoices {
    /// One that the reader has named, and is not among them, is there as well.
    static func all(selected: String) -> [RulePage.Choice] {
        let names = Zone.choices()
        let all = names.contains(selected) ? names : [selected] + names
        return all.map { RulePage.Choice(value: $0, label: $0, isSelected: $0 == selected) }
    }
}
