import ConfigurationFile
import Records

/// Ids of rule versions that pages send by mistake.
struct MistakenIDs {
    /// Short ids are near to each other by chance.
    private static let lengthMin = 5

    /// Of a site, which what is close to one of them was probably meant for; by how many letters they have.
    private let declared: [Int: [String]]

    init(declared: [String]) {
        self.declared = Dictionary(grouping: declared) { $0.unicodeScalars.count }
    }

    /// What an id that is not declared probably is, in a sentence; nil where it may be just what was meant.
    func explanation(of id: String) -> String? {
        if let mistake = EvidentMistake(id) { return mistake.explanation }
        return neighbour(of: id).map { "“\u{2068}\($0)\u{2069}” misspelt, which is declared" }
    }

    /// One that differs in a letter, letter case aside. Where that is a digit, or the last letter, it is another version as like as
    /// not.
    private func neighbour(of id: String) -> String? {
        let count = id.unicodeScalars.count
        guard count >= Self.lengthMin else { return nil }
        let near = (count - 1...count + 1).flatMap { declared[$0] ?? [] }.filter { !Self.differsInEnd(id, $0) }
        guard let meant = Suggestion.nearest(to: id, among: near, changesMax: 1) else { return nil }
        return id.filter(\.isNumber) == meant.filter(\.isNumber) ? meant : nil
    }

    private static func differsInEnd(_ id: String, _ other: String) -> Bool {
        let (id, other) = (id.lowercased(), other.lowercased())
        return id != other && (id.hasPrefix(other.dropLast()) || other.hasPrefix(id.dropLast()))
    }
}
