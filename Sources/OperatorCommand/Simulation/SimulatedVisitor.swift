/// A visitor who does not exist.
struct SimulatedVisitor: Sendable, Equatable {
    let trackingID: String
    let outcomeID: String

    /// So many visitors, no two with the same tracking id, each with one of so many outcomes.
    static func distinct(
        _ count: Int, outcomes: Int, using generator: inout SeededGenerator
    ) -> [SimulatedVisitor] {
        var taken: Set<String> = []
        while taken.count < count {
            taken.insert(trackingID(using: &generator))
        }
        // A set's order differs from one process to the next.
        return taken.sorted().map { trackingID in
            SimulatedVisitor(
                trackingID: trackingID, outcomeID: outcomeID(Int.random(in: 1...outcomes, using: &generator)))
        }
    }

    /// The id of the outcome with that number, in the form of a path through a rule.
    static func outcomeID(_ number: Int) -> String {
        "graph/1#1,graph/1#2,graph/2#\(number)"
    }

    /// Either of the forms in which tracking ids are met.
    private static func trackingID(using generator: inout SeededGenerator) -> String {
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
