/// A visitor who does not exist.
struct SimulatedVisitor: Sendable, Equatable {
    let trackingID: String
    /// The outcomes that the visitor is exposed to, the first one first: none, one, or a crossover's two.
    var outcomeIDs: [String] = []
    /// The User-Agent of a bot, which is not to be counted; nil for a person.
    var program: String?

    /// A tracking id, in either of the forms in which they are met.
    static func trackingID(using generator: inout SeededGenerator) -> String {
        Bool.random(using: &generator) ? uuid(using: &generator) : "TT\(hex(14, using: &generator).uppercased())"
    }

    /// A random UUID (RFC 9562, version 4) in lower case.
    private static func uuid(using generator: inout SeededGenerator) -> String {
        let variant = ["8", "9", "a", "b"].randomElement(using: &generator) ?? "8"
        let groups = [
            hex(8, using: &generator), hex(4, using: &generator), "4" + hex(3, using: &generator),
            variant + hex(3, using: &generator), hex(12, using: &generator),
        ]
        return groups.joined(separator: "-")
    }

    private static func hex(_ digits: Int, using generator: inout SeededGenerator) -> String {
        (0..<digits).map { _ in String(Int.random(in: 0..<16, using: &generator), radix: 16) }.joined()
    }
}
