/// What somebody who wrote an unknown key may have meant.
enum Suggestion {
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

    /// The candidate that takes fewest changes to reach, letter case aside, or nil when each takes more than one
    /// change in three letters.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let ranked = candidates.map { ($0, distance(name.lowercased(), $0.lowercased())) }
        guard let (nearest, changes) = ranked.min(by: { $0.1 < $1.1 }), changes <= max(1, nearest.utf8.count / 3) else {
            return nil
        }
        return nearest
    }

    /// The number of bytes to insert, remove or replace, or neighbours to swap, between two words: the restricted
    /// Damerau-Levenshtein distance, by its textbook table of which three rows are kept.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        var earlier: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var best = previous[column] + (left[row] == right[column] ? 0 : 1)
                best = min(best, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, earlier[column - 1] + 1)
                }
                current.append(best)
            }
            (earlier, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
