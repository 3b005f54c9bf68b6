import Yams

/// Every key that `config.yaml` may have, section by section. The reader accepts these and no others, and can ask for
/// no other; suggestions choose among them; the documented example shows each.
enum Keys {
    /// The keys of one section.
    protocol Section: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
        /// Where these keys belong, to be read after "in".
        static var place: String { get }
    }

    enum File: String, Section {
        case responder, aggregator, sites, rules, notify

        static let place = "the file's first level"
    }

    enum Responder: String, Section {
        case listen, mode, owner, group, allowedPeers, exposureSocket, exposureMode, exposureOwner, exposureGroup
        case subjectSecret, keysDirectory, deadlineMilliseconds, inFlightMax, connectionsMax

        static let place = "`responder`"
    }

    enum Aggregator: String, Section {
        case socket, mode, owner, group, allowedPeers, analyticsSocket, analyticsMode, analyticsOwner, analyticsGroup
        case dataDirectory, rulesPerSiteMax, outcomesPerRuleMax, conversionsPerOutcomeMax

        static let place = "`aggregator`"
    }

    enum Site: String, Section {
        case analytics, origins, session, credentials, jwt, windowDays, retentionDays, timeZone

        static let place = "a site"
    }

    enum Credentials: String, Section {
        case required, accept

        static let place = "a site's `credentials`"
    }

    enum JWT: String, Section {
        case secret, publicKey, jwks, algorithms, requireExpiry, issuer, audience

        static let place = "a site's `jwt`"
    }

    enum Notify: String, Section {
        case command, webhook, webhookSecret, console, quietHours, stateDirectory

        static let place = "`notify`"
    }

    static let sections: [any Section.Type] = [
        File.self, Responder.self, Aggregator.self, Site.self, Credentials.self, JWT.self, Notify.self,
    ]
}

extension Keys.Section {
    /// In the order in which the example has them.
    static var names: [String] {
        allCases.map(\.rawValue)
    }
}

/// Every key that `rules.yaml` may have, section by section, as `Keys` has those of `config.yaml`. Keys that are ids or
/// names are not among them.
enum RuleKeys {
    enum File: String, Keys.Section {
        case sites

        static let place = "the file's first level"
    }

    enum Site: String, Keys.Section {
        case onlyDeclared, rules, features

        static let place = "a site"
    }

    enum Rule: String, Keys.Section {
        case name, hypothesis, owner, decision, decided, outcomes, steps, groups

        static let place = "a rule"
    }

    enum Outcome: String, Keys.Section {
        case name, tab, path

        static let place = "an outcome"
    }

    enum Group: String, Keys.Section {
        case outcomes, baseline, conversion, windowDays, tau, guardrails

        static let place = "a group"
    }

    static let sections: [any Keys.Section.Type] = [File.self, Site.self, Rule.self, Outcome.self, Group.self]
}

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

/// One key as it was written, and its value. A list's elements are entries too, under the key of the list.
struct Entry {
    let key: String
    /// What an error calls it: `` `accept` ``, or `` each of `accept` `` for an element.
    private(set) var title: String
    /// The line of the key.
    let line: Int?
    let value: Node

    init(key: String, line: Int?, value: Node) {
        self.key = key
        title = key.shown
        self.line = line
        self.value = value
    }

    /// An element of the list that is the value of `list`.
    init(elementOf list: Entry, _ value: Node) {
        key = list.key
        title = "each of \(list.title)"
        line = list.valueLine
        self.value = value
    }

    /// The same entry under what an error is to call it.
    func titled(_ title: String) -> Entry {
        var entry = self
        entry.title = title
        return entry
    }

    /// The line that the value begins on, which for an alias is where the value was written out.
    var valueLine: Int? {
        value.mark?.line ?? line
    }
}

/// What somebody who wrote an unknown name may have meant.
public enum Suggestion {
    /// A sentence's end that says what would be right instead of `name` in the section that has the keys `Section`, in
    /// a file that has `sections`.
    static func remedy<Section: Keys.Section>(
        for name: String, in section: Section.Type, of sections: [any Keys.Section.Type]
    ) -> String {
        let places = sections.filter { $0.names.contains(name) }.map { $0.place }
        if !places.isEmpty {
            return "it belongs in \(places.joined(separator: " or ")); is the indentation right?"
        }
        if name == "<<" {
            return "merge keys are not supported; a whole value may be an alias, `*name`"
        }
        if let nearest = nearest(to: name, among: section.names) {
            return "did you mean `\(nearest)`?"
        }
        return "its keys are \(section.names.joined(separator: ", "))"
    }

    /// What is longer than this, in Unicode scalars, nobody has typed.
    private static let scalarsMax = 1024

    /// The candidate that takes fewest changes to reach, letter case aside, the first of several that take as few; nil when
    /// each takes more than one change in three letters, or than `limit`, or has no letter of `name`.
    public static func nearest(
        to name: String, among candidates: some Sequence<String>, changesMax limit: Int = .max
    ) -> String? {
        let letters = Array(name.lowercased().unicodeScalars)
        guard letters.count <= scalarsMax else { return nil }
        var nearest: (name: String, changes: Int)?
        for candidate in candidates {
            let others = Array(candidate.lowercased().unicodeScalars)
            // Only fewer changes than the best has so far are of interest, and as many as letters are another word.
            let changesMax = min(
                max(1, others.count / 3), limit, max(letters.count, others.count) - 1, (nearest?.changes ?? .max) - 1)
            if let changes = changes(from: letters, to: others, changesMax) { nearest = (candidate, changes) }
        }
        return nearest?.name
    }

    /// The number of letters to insert, remove or replace, or neighbours to swap, between two words; nil when it is more than
    /// `changesMax`.
    ///
    /// Source: the restricted Damerau-Levenshtein distance, by its textbook table of which three rows are kept. What is
    /// further from the diagonal than `changesMax` takes more changes, and is left out.
    private static func changes(from left: [Unicode.Scalar], to right: [Unicode.Scalar], _ changesMax: Int) -> Int? {
        guard abs(left.count - right.count) <= changesMax else { return nil }
        let tooMany = changesMax + 1
        var earlier: [Int] = []
        var previous = (0...right.count).map { min($0, tooMany) }
        for row in left.indices {
            var current = [Int](repeating: tooMany, count: right.count + 1)
            current[0] = min(row + 1, tooMany)
            for column in max(0, row - changesMax)..<max(0, min(right.count, row + changesMax + 1)) {
                var best = previous[column] + (left[row] == right[column] ? 0 : 1)
                best = min(best, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, earlier[column - 1] + 1)
                }
                current[column + 1] = min(best, tooMany)
            }
            guard current.contains(where: { $0 <= changesMax }) else { return nil }
            (earlier, previous) = (previous, current)
        }
        return previous[right.count] <= changesMax ? previous[right.count] : nil
    }
}
