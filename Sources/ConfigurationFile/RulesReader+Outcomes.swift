import Records
import Yams

extension RulesReader {
    /// Of one that leads through several rules within rules.
    static let pathCharactersMax = 4000

    /// Each is a name alone, or a section with what there is to say of it.
    mutating func readOutcomes(_ entry: Entry, titled title: String, into rule: inout DeclaredRule) {
        var lines: [[OpaqueID]: Int?] = [:]
        for entry in idEntries(of: entry, titled: title.shown) ?? [] {
            let id = id(ofKey: entry, .outcome)
            guard case .mapping = entry.value else {
                let name = self.name(entry.titled("the name of \(entry.title)"))
                if let id { rule.outcomeNames[id] = name }
                continue
            }
            guard let section = section(entry, titled: "\(title).\(entry.key)".shown, RuleKeys.Outcome.self) else {
                continue
            }
            let name = section[.name].flatMap { self.name($0) }
            let place = OutcomePlace(
                tab: section[.tab].flatMap { self.name($0) }, path: section[.path].flatMap { self.path($0) })
            if let path = section[.path] { checkIsAlone(place, path, among: &lines) }
            guard let id else { continue }
            rule.outcomeNames[id] = name
            rule.outcomePlaces[id] = place
        }
    }

    /// Refuses a place that another outcome of the rule has.
    private mutating func checkIsAlone(
        _ place: OutcomePlace, _ entry: Entry, among lines: inout [[OpaqueID]: Int?]
    ) {
        guard let path = place.path else { return }
        // A tab that is declared is not empty.
        let key = [OpaqueID(place.tab ?? ""), OpaqueID(path)]
        guard let earlier = lines.updateValue(entry.valueLine, forKey: key) else { return }
        let line = earlier.map { "on line \($0)" } ?? "further up"
        note(
            entry.valueLine,
            "another outcome of this rule has the same `tab` and `path` already, \(line): each has one of its own")
    }

    /// A way on a canvas, as Zephr's export writes it.
    private mutating func path(_ entry: Entry) -> String? {
        text(entry, of: "a path", charactersMax: Self.pathCharactersMax)
    }
}
