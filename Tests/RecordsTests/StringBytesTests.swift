import Records
import Testing

@Suite("Texts compared by their bytes")
struct StringBytesTests {
    @Test(
        "are the same when their bytes are, however they read",
        arguments: [
            ("", "", true), ("a", "", false), ("graph/1#1,graph/2#1", "graph/1#1,graph/2#1", true),
            ("graph/1#1,graph/2#1", "graph/1#1,graph/2#2", false), ("short", "shorT", false),
            ("caf\u{E9}", "caf\u{E9}", true), ("caf\u{E9}", "cafe\u{301}", false),
            ("a\u{327}\u{301}", "a\u{301}\u{327}", false),
        ])
    func bytes(left: String, right: String, areSame: Bool) {
        #expect(left.hasBytes(of: right) == areSame)
        #expect(right.hasBytes(of: left) == areSame)
    }
}
