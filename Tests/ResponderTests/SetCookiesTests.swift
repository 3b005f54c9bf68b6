import Records
import TestSupport
import Testing

@testable import Responder

@Suite("What a response's Set-Cookie headers do to the visitor's cookie")
struct SetCookiesTests {
    private static let now: Int64 = 1_700_000_000_000
    private static let name = "blaize_tracking_id"

    /// What becomes of the cookie: the id, or a word in brackets.
    private static func effect(
        _ logged: String, hosts: [String] = ["www.example.com"], path: String = "/articles/22"
    ) -> String {
        let page = SetCookies.Page(hosts: hosts, path: path)
        return switch SetCookies(logged).effect(on: page, nowMilliseconds: now) {
        case .untouched: "(untouched)"
        case .deleted: "(deleted)"
        case .kept(let id): String(decoding: id.bytes, as: UTF8.self)
        case .useless: "(useless)"
        }
    }

    @Test(
        "a value counts, whatever else is said, and in quotes as without them",
        arguments: [
            "blaize_tracking_id=x; Path=/", "Blaize_Tracking_ID = x ;path=/;HttpOnly; Secure; SameSite=Lax",
            #"blaize_tracking_id="x"; Path=/"#, "blaize_tracking_id=x; Path=/zephr",
            "blaize_tracking_id=x; Path=/zephr/",
            "blaize_tracking_id=x; Path=/zephr/public/rule-outcomes/v1/conversions",
            "blaize_tracking_id=x; Path=/other; Path=/", "blaize_tracking_id=x; Domain=; Path=/",
            "blaize_tracking_id=x; Domain=www.example.com; Path=/", "blaize_tracking_id=x; Domain=.Example.COM; Path=/",
            "blaize_tracking_id=x; Domain=other.example; Domain=example.com; Path=/",
            "blaize_tracking_id=x; Max-Age=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
            "blaize_tracking_id=x; Max-Age=soon; Path=/", "blaize_tracking_id=x; Max-Age=-; Path=/",
            "blaize_tracking_id=x; Expires=Wed, 21 Oct 2037 07:28:00 GMT; Path=/",
            "blaize_tracking_id=x; Expires=whenever; Path=/",
        ])
    func kept(header: String) {
        #expect(Self.effect(header) == "x")
        #expect(Self.effect("a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT, \(header), b[c]=2; Path=/other") == "x")
    }

    @Test(
        "what takes the cookie away is no visitor",
        arguments: [
            "blaize_tracking_id=deleted; Path=/", "blaize_tracking_id=; Path=/", #"blaize_tracking_id=""; Path=/"#,
            "blaize_tracking_id=x; Path=/; Max-Age=0", "blaize_tracking_id=x; Path=/; max-age=-1",
            "blaize_tracking_id=x; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "blaize_tracking_id=x; Path=/; Expires=Tue, 14-Nov-23 22:13:20 GMT",
            "blaize_tracking_id=x; Path=/; Max-Age=0; Expires=Wed, 21 Oct 2037 07:28:00 GMT",
            "blaize_tracking_id=x; Path=/, blaize_tracking_id=x; Path=/; Max-Age=0",
        ])
    func deleted(header: String) {
        #expect(Self.effect(header) == "(deleted)")
        #expect(Self.effect("\(header), blaize_tracking_id=y; Path=/") == "y")
    }

    @Test(
        "what does not come back to the endpoint, or cannot be a cookie, is no visitor either, and is told apart",
        arguments: [
            "blaize_tracking_id=x; Domain=other.example; Path=/", "blaize_tracking_id=x; Domain=com; Path=/",
            "blaize_tracking_id=x; Domain=ww.example.com; Path=/",
            "blaize_tracking_id=x; Domain=a.www.example.com; Path=/",
            "blaize_tracking_id=x; Domain=example.com.; Path=/", "blaize_tracking_id=x; Path=/other",
            "blaize_tracking_id=x; Path=/zeph", "blaize_tracking_id=x", "blaize_tracking_id=x; Path=other",
            "blaize_tracking_id=two words; Path=/", "blaize_tracking_id=é; Path=/",
            "blaize_tracking_id=\(String(repeating: "x", count: 257)); Path=/",
        ])
    func useless(header: String) {
        #expect(Self.effect(header) == "(useless)")
    }

    @Test("without a path a cookie is that of the page's own directory")
    func defaultPath() {
        let header = "blaize_tracking_id=x"
        for (path, effect) in [
            ("/", "x"), ("/page", "x"), ("/zephr/page", "x"), ("/a/b", "(useless)"), ("/zephr2/b", "(useless)"),
            ("", "x"),
        ] {
            #expect(Self.effect(header, path: path) == effect, "\(path)")
        }
    }

    @Test("a domain is the page's own or around it, and an address has none around it")
    func domains() {
        for (host, domain, effect) in [
            ("localhost", "localhost", "x"), ("10.1.2.3", "10.1.2.3", "x"), ("10.1.2.3", "2.3", "(useless)"),
            ("[::1]", "[::1]", "x"), ("example.com", "example.com", "x"),
            ("badexample.com", "example.com", "(useless)"),
        ] {
            #expect(Self.effect("blaize_tracking_id=x; Domain=\(domain); Path=/", hosts: [host]) == effect, "\(host)")
        }
        let header = "blaize_tracking_id=x; Domain=example.org; Path=/"
        #expect(Self.effect(header, hosts: ["www.example.com", "www.example.org"]) == "x")
        #expect(Self.effect(header, hosts: []) == "(useless)")
    }

    @Test("of several the last of a place counts, and of several places the one that browsers send first")
    func several() {
        for (logged, effect) in [
            ("N=a; Path=/, N=b; Path=/", "b"), ("N=a; Path=/, N=b; Path=/zephr", "b"),
            ("N=a; Path=/zephr, N=b; Path=/", "a"),
            ("N=a; Path=/, N=b; Path=/; Domain=example.com", "a"), ("N=a; Path=/, N=b; Path=/other", "a"),
            ("N=a; Path=/, N=b; Path=/zephr, N=c; Path=/zephr; Max-Age=0", "a"),
            ("N=a; Path=/, N=é; Path=/", "(useless)"), ("other=N; Path=/", "(untouched)"), ("", "(untouched)"),
            ("xN=a; Path=/", "(untouched)"), ("N; Path=/", "(untouched)"), ("=N=a; Path=/", "(untouched)"),
        ] {
            #expect(Self.effect(logged.replacing("N", with: Self.name)) == effect, "\(logged)")
        }
    }

    @Test("dates are read as browsers read them")
    func dates() {
        for (text, milliseconds) in [
            ("Wed, 21 Oct 2015 07:28:00 GMT", 1_445_412_480_000), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777_000), ("Sun Nov  6 08:49:37 1994", 784_111_777_000),
            ("29 FEBRUARY 2000 1:02:03", 951_786_123_000), ("31 Dec 1969 23:59:59", -1000),
            ("1 Jan 69 0:0:0", 3_124_224_000_000),
            ("21 Oct 2015", nil), ("21 Oct 07:28:00", nil), ("32 Oct 2015 07:28:00", nil),
            ("21 Oct 2015 24:00:00", nil),
            ("21 Oct 1600 07:28:00", nil), ("", nil), ("::", nil), ("21 Okt 2015 07:28:00", nil),
        ] as [(String, Int64?)] {
            #expect(CookieDate.milliseconds(Array(text.utf8)[...]) == milliseconds, "\(text)")
        }
    }

    @Test("joined as nginx joins them, headers come to what they come to one by one", arguments: [1, 2, 3] as [UInt64])
    func joined(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let values = ["a", "b", "", "deleted", #""c""#]
        let attributes = [
            "; Path=/", "; Path=/zephr", "; Path=/other", "; Max-Age=0", "; Max-Age=9", "; Domain=example.com",
            "; Domain=other.example", "; Expires=Wed, 21 Oct 2037 07:28:00 GMT",
            "; expires=Thu, 01-Jan-1970 00:00:01 GMT",
        ]
        for _ in 0..<2000 {
            // Of one place alone, so that the last header that the browser takes decides.
            var last = "(untouched)"
            var headers: [String] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                var header =
                    "\(Bool.random(using: &random) ? Self.name : "other")=\(values.randomElement(using: &random) ?? "")"
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    header += attributes.randomElement(using: &random) ?? ""
                }
                header += "; Domain=www.example.com; Path=/"
                headers.append(header)
                let alone = Self.effect(header)
                if alone != "(untouched)" { last = alone }
            }
            #expect(Self.effect(headers.joined(separator: ", ")) == last, "seed \(seed): \(headers)")
        }
    }

    @Test("hostile text ends in an id that is one, or in none", arguments: [1, 2, 3, 4] as [UInt64])
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "blaize_tracking_id", "=", ";", ",", " ", "\t", "\"", "Path", "/", "/zephr", "Domain", ".", "example.com",
            "Max-Age",
            "-", "0", "99999999999999999999999", "Expires", "Wed", "21", "Oct", "2037", ":", "é", "\u{0}", "x",
        ]
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            let page = SetCookies.Page(hosts: ["www.example.com"], path: "/")
            guard case .kept(let id) = SetCookies(text.joined()).effect(on: page, nowMilliseconds: Self.now) else {
                continue
            }
            #expect((try? TrackingID(id.bytes)) != nil, "seed \(seed)")
        }
    }
}
