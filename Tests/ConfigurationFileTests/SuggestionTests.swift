import ConfigurationFile
import TestSupport
import Testing

@Suite("Suggestions")
struct SuggestionTests {
    @Test(
        "The nearest name is meant, where it takes no more than one change in three letters",
        arguments: [
            ("artcle-22", "article-22"), ("artilce-22", "article-22"), ("ARTICLE-22", "article-22"),
            ("article-2", "article-21"), ("article", "article-21"), ("newsletter", nil), ("a", nil), ("", nil),
        ] as [(String, String?)])
    func nearest(name: String, expected: String?) {
        #expect(Suggestion.nearest(to: name, among: ["article-21", "article-22", "x"]) == expected)
    }

    @Test("Of one letter nothing is left when it is another")
    func short() {
        #expect(Suggestion.nearest(to: "b", among: ["a"]) == nil)
        #expect(Suggestion.nearest(to: "b", among: ["B"]) == "B")
        #expect(Suggestion.nearest(to: "b", among: ["a", "bc"]) == "bc")
        #expect(Suggestion.nearest(to: "", among: [""]) == nil)
    }

    @Test("An id as long as one may be is found among others of that length", arguments: [65, 128, 255, 256, 257])
    func long(count: Int) {
        let id = String((0..<count).map { Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8($0 * 7 % 26))) })
        let others = [String(id.reversed()), String(repeating: "z", count: count), id + id]
        var written = Array(id)
        written.swapAt(count / 2, count / 2 + 1)
        written.remove(at: 3)
        written.append("!")
        #expect(Suggestion.nearest(to: String(written), among: others + [id]) == id)
        #expect(Suggestion.nearest(to: String(written), among: others) == nil)
    }

    @Test("Letters count, not their bytes")
    func letters() {
        #expect(Suggestion.nearest(to: "規則二", among: ["規則一"]) == "規則一")
        #expect(Suggestion.nearest(to: "規則", among: ["条件"]) == nil)
    }

    @Test("As many changes as there are between two words are found, however they lie", arguments: 1...40)
    func random(seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let (left, right) = (Self.word(&numbers), Self.word(&numbers))
            let changes = Self.changes(left, right)
            let isMeant = changes <= max(1, right.count / 3) && changes < max(left.count, right.count)
            #expect(
                (Suggestion.nearest(to: String(left), among: [String(right)]) != nil) == isMeant, "\(left) \(right)")
        }
    }

    private static func word(_ numbers: inout SeededGenerator) -> [Character] {
        (0..<Int.random(in: 0...12, using: &numbers)).map { _ in "abc".randomElement(using: &numbers) ?? "a" }
    }

    /// The whole table, by the definition.
    private static func changes(_ left: [Character], _ right: [Character]) -> Int {
        var table = [[Int]](repeating: Array(0...right.count), count: left.count + 1)
        for row in 1..<max(1, left.count + 1) {
            table[row][0] = row
            for column in 1..<max(1, right.count + 1) {
                let isSame = left[row - 1] == right[column - 1]
                var best = min(table[row - 1][column], table[row][column - 1]) + 1
                best = min(best, table[row - 1][column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    best = min(best, table[row - 2][column - 2] + 1)
                }
                table[row][column] = best
            }
        }
        return table[left.count][right.count]
    }
}
