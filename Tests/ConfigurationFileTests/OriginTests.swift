import ConfigurationFile
import Testing

@Suite("Origins")
struct OriginTests {
    @Test(
        "An origin as browsers send it is taken as it stands",
        arguments: [
            "https://www.example.com", "http://localhost:8080", "https://example.com:80", "http://example.com:443",
            "https://192.0.2.1", "https://[2001:db8::1]:8443", "https://xn--mnchen-3ya.example",
            "capacitor://localhost", "https://a_b.example", "null",
        ])
    func serialised(origin: String) throws {
        let site = try Sample.site(["session: nginx", "origins:", "  - \"\(origin)\""])
        #expect(site?.origins == .list([origin]))
    }

    @Test("Null is an origin without quotes too, and a list may have many or none")
    func lists() throws {
        #expect(try Sample.site(["session: nginx", "origins: []"])?.origins == .list([]))
        #expect(
            try Sample.site(["session: nginx", "origins: [null, https://a.example]"])?.origins
                == .list(["null", "https://a.example"]))
    }

    private static let expected =
        "each of `origins` must be an origin as browsers send it, such as `https://www.example.com`, or `null`"

    @Test(
        "What is nearly an origin is refused with the one it should be",
        arguments: [
            ("https://www.example.com/", "https://www.example.com"),
            ("HTTPS://WWW.Example.com", "https://www.example.com"),
            ("https://www.example.com/shop?a=b#c", "https://www.example.com"),
            ("https://www.example.com:443", "https://www.example.com"),
            ("http://www.example.com:80/", "http://www.example.com"),
            ("https://www.example.com:", "https://www.example.com"),
            ("https://www.example.com:08443", "https://www.example.com:8443"),
            ("https://user@www.example.com", "https://www.example.com"),
            ("www.example.com", "https://www.example.com"),
            ("www.example.com:8443/x", "https://www.example.com:8443"),
            ("https://[2001:DB8:0:0::1]", "https://[2001:db8::1]"),
        ])
    func corrected(origin: String, correct: String) {
        let text = Sample.text(site: ["session: nginx", "origins:", "  - \"\(origin)\""])
        #expect(Sample.mistakes(text) == ["12: \(Self.expected), so write `\(correct)`, not `\(origin)`"])
    }

    @Test(
        "What is none is refused",
        arguments: [
            "example", "https://", "https:///x", "https://münchen.example", "https://a b.example", "https://.example",
            "https://a.example:port", "https://a.example:65536", "https://a.example:0", "https://[::1", "https://[x]",
            "https://[::1]x", "1://a.example", "://a.example",
        ])
    func refused(origin: String) {
        let text = Sample.text(site: ["session: nginx", "origins:", "  - \"\(origin)\""])
        #expect(Sample.mistakes(text) == ["12: \(Self.expected), not `\(origin)`"])
    }

    @Test("There are no wildcards but `any`", arguments: ["*", "https://*.example.com", "any"])
    func wildcards(origin: String) {
        let text = Sample.text(site: ["session: nginx", "origins:", "  - \"\(origin)\""])
        let remedy = "without wildcards; `origins: any`, without a list, lets every page call"
        #expect(Sample.mistakes(text) == ["12: \(Self.expected), \(remedy)"])
    }

    @Test(
        "Origins are a list or `any`",
        arguments: [
            ("origins: https://a.example", "not `https://a.example`"), ("origins:", "not nothing"),
            ("origins: \"*\"", "not `*`"), ("origins: { a: b }", "not a section"),
        ])
    func notAList(line: String, found: String) {
        let expected = "`origins` must be a list of origins, such as [https://www.example.com], or `any`"
        #expect(Sample.mistakes(Sample.text(site: ["session: nginx", line])) == ["11: \(expected), \(found)"])
    }

    @Test("An origin is listed once")
    func repeated() {
        let text = Sample.text(site: ["session: nginx", "origins:", "  - https://a.example", "  - https://a.example"])
        #expect(Sample.mistakes(text) == ["13: this value of `origins` is listed already, on line 12: take one out"])
    }
}
