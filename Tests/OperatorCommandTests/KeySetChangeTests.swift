import Credentials
import Testing

@testable import OperatorCommand

@Suite("What is told of a key set that has changed")
struct KeySetChangeTests {
    @Test("ids that are new, gone and as before, and how many keys have none")
    func ids() throws {
        let (one, two) = (try Self.set("a", "b"), try Self.set("b", "c"))
        #expect("\(KeySetChange(from: nil, to: one))" == "keys fetched, new: 'a', 'b'")
        #expect("\(KeySetChange(from: one, to: two))" == "keys fetched, new: 'c'; gone: 'a'; as before: 'b'")
        #expect("\(KeySetChange(from: one, to: one))" == "keys fetched, as before: 'a', 'b'")
        #expect("\(KeySetChange(from: one, to: try Self.set(nil)))" == "keys fetched, gone: 'a', 'b'; without an id: 1")
    }

    @Test("ids are the publisher's words: no escape reaches a terminal, and neither many nor long ones flood it")
    func hostile() throws {
        let long = String(repeating: "x", count: 1000)
        let set = try Self.set("\u{1B}[2J\n\u{202E}", long)
        let text = "\(KeySetChange(from: nil, to: set))"
        #expect(text == "keys fetched, new: '\\u{1b}[2J\\u{a}\\u{202e}', '\(long.prefix(64))…'")
        let many = try Self.set(PublishedKeys.ids(count: 100))
        #expect("\(KeySetChange(from: nil, to: many))".hasSuffix("'k115' and 84 more"))
    }

    private static func set(_ ids: String?...) throws -> PublishedKeySet {
        try set(ids)
    }

    private static func set(_ ids: [String?]) throws -> PublishedKeySet {
        let keys = ids.map { id in
            // The first of RFC 8037's, appendix A.
            let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
            let id = id.map { ",\"kid\":\"\($0.unicodeScalars.map(PublishedKeys.json).joined())\"" } ?? ""
            return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\(x)\"\(id)}"
        }
        return try PublishedKeySet(Array("{\"keys\":[\(keys.joined(separator: ","))]}".utf8), algorithms: [.edDSA])
    }
}

private enum PublishedKeys {
    static func ids(count: Int) -> [String?] {
        (0..<count).map { "k\(100 + $0)" }
    }

    static func json(_ scalar: Unicode.Scalar) -> String {
        guard scalar.value < 0x20 else { return String(scalar) }
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
