import Testing

@testable import Web

@Suite("The name of a download")
struct FileNameTests {
    @Test(
        "it holds nothing that a header, a shell or a file system takes for something else",
        arguments: [
            ("default-article-22-all-time.csv", #"filename="default-article-22-all-time.csv""#),
            ("a-graph/1#1,\"x\"\r\nSet-Cookie: y-daily.csv", #"filename="a-graph-1-1--x---Set-Cookie--y-daily.csv""#),
            ("../../etc/passwd.csv", #"filename="etc-passwd.csv""#), (".csv", #"filename="export.csv""#),
            ("a\0b.csv", #"filename="a-b.csv""#),
            ("Zeitschrift-Öl.csv", #"filename="Zeitschrift--l.csv"; filename*=UTF-8''Zeitschrift-%C3%96l.csv"#),
            ("数.csv", #"filename="-.csv"; filename*=UTF-8''%E6%95%B0.csv"#),
        ])
    func parameters(name: String, expected: String) {
        #expect(FileName([String(name.dropLast(4))], suffix: "csv").parameters == expected)
    }

    @Test("it is not too long for a file system")
    func long() {
        #expect(FileName([String(repeating: "a", count: 2000)], suffix: "csv").parameters.utf8.count < 255)
        let encoded = FileName([String(repeating: "数", count: 2000)], suffix: "csv").parameters.split(separator: "''")[
            1]
        #expect(encoded.split(separator: "%").count < 255)
    }
}

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
