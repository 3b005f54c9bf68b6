import Testing

@testable import AnalyticsServer

@Suite("If-None-Match")
struct EntityTagsTests {
    @Test(
        "a tag is found in a list, weak or not",
        arguments: [#""a""#, #"W/"a""#, #""b", "a""#, "\"b\" ,\tW/\"a\" ", "*", #"*, "b""#])
    func found(header: String) {
        #expect(EntityTags([header]).contain(#""a""#))
        #expect(EntityTags([#""x""#, header]).contain(#""a""#))
    }

    @Test("no other is", arguments: ["", ",", #""ab""#, "a", #"w/"a""#, #""b""#, #"W/"b""#])
    func notFound(header: String) {
        #expect(!EntityTags([header]).contain(#""a""#))
    }
}
