/// What the name of an export's file tells: `<tenant>-<implementation>-<feature>-<version>-<datatype>.csv`, the last
/// part `all-time`, a range of days, or `daily`.
public struct ZephrFileName: Sendable, Equatable {
    /// As browsers save it: without a directory.
    public let text: String
    /// The number in front of the datatype; nil where none stands there, or no datatype.
    let version: Int?
    /// The first and the last day of the range; nil where that is open, or no range is named.
    let from: String?
    let to: String?

    public init(_ path: String) {
        text = path.split(separator: "/").last.map(String.init) ?? path
        var rest = text[...]
        if rest.lowercased().hasSuffix(".csv") { rest = rest.dropLast(4) }
        // A browser that has such a file already adds ` (1)`.
        if rest.hasSuffix(")"), let open = rest.lastIndex(of: "("),
            rest[open...].dropFirst().dropLast().allSatisfy(\.isNumber)
        {
            rest = rest[..<open]
            while rest.last == " " { rest = rest.dropLast() }
        }
        var isDatatypeKnown = Self.take("daily", from: &rest)
        if Self.take("all-time", from: &rest) {
            isDatatypeKnown = true
            (from, to) = (nil, nil)
        } else {
            let last = Self.takeDay(or: "on", from: &rest)
            let first = Self.takeDay(or: "until", from: &rest)
            (from, to) = (first.day, last.day)
            let isRange = first.isTaken && last.isTaken && (first.day != nil || last.day != nil)
            isDatatypeKnown = isDatatypeKnown || isRange
        }
        // A number at the end of any other name may be anything.
        version = isDatatypeKnown ? rest.split(separator: "-").last.flatMap { $0.utf8.count <= 9 ? Int($0) : nil } : nil
    }

    /// Takes a word and the hyphen before it off the end.
    private static func take(_ word: String, from rest: inout Substring) -> Bool {
        guard rest.hasSuffix("-\(word)") else { return false }
        rest = rest.dropLast(word.count + 1)
        return true
    }

    /// The same of a day, or of the word that says that there is none.
    private static func takeDay(or open: String, from rest: inout Substring) -> (isTaken: Bool, day: String?) {
        let day = String(rest.suffix(10))
        if CivilTime.day(day) != nil, take(day, from: &rest) { return (true, day) }
        return (take(open, from: &rest), nil)
    }
}
