import Testing

@testable import Responder

@Suite("Query strings")
struct QueryStringTests {
    private static func all(_ query: String) -> [String] {
        Array(query.utf8).withUnsafeBytes { bytes in
            var values: [String] = []
            QueryString(bytes[...]).forEach("jwt") { value in
                values.append(String(decoding: QueryString.percentDecoded(value), as: UTF8.self))
                return true
            }
            return values
        }
    }

    @Test(
        "every value of a name is found, in order",
        arguments: [
            ("", []), ("jwt", []), ("jwt=", [""]), ("jwt=a", ["a"]), ("a=b&jwt=c", ["c"]),
            ("jwt=a&jwt=b", ["a", "b"]),
            ("&&jwt=a&", ["a"]), ("jwt=a=b", ["a=b"]), ("xjwt=a&jwtx=b&JWT=c&=d", []), ("jwt=a;jwt=b", ["a;jwt=b"]),
        ] as [(String, [String])])
    func values(query: String, values: [String]) {
        #expect(Self.all(query) == values)
    }

    @Test(
        "names and values are percent-decoded once",
        arguments: [
            ("jwt=a%2Eb%2ec", "a.b.c"), ("jwt=%41", "A"), ("%6a%77%74=a", "a"), ("jwt=%2541", "%41"),
            ("jwt=a+b", "a+b"),
            ("jwt=%C3%A9", "é"), ("jwt=a%26b%3Dc", "a&b=c"), ("jwt=%00", "\0"),
        ])
    func decoded(query: String, value: String) {
        #expect(Self.all(query) == [value])
    }

    @Test("a value with a malformed escape stays as it is", arguments: ["%", "%4", "a%", "%zz", "%4g", "%41%4", "%+1"])
    func malformed(_ value: String) {
        #expect(Self.all("jwt=\(value)") == [value])
    }
}
