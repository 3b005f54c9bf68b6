import Testing

@testable import ConfigurationFile

@Suite("A key set that a URL names")
struct KeySetURLTests {
    @Test("The site's file is in the directory for fetched keys, wherever that is named")
    func file() throws {
        let lines = [
            "origins: []", "session: nginx", "jwt: { jwks: \"HTTPS://id.Example.com/k?a=b\", algorithms: [RS256] }",
        ]
        for (directory, path) in [
            ([], "/var/lib/rule-outcomes-keys"), (["keysDirectory: /srv/keys/"], "/srv/keys"),
            (["keysDirectory: fetched"], "/etc/rule-outcomes/fetched"),
        ] {
            let configuration = try Sample.configuration(Sample.text(responder: directory, site: lines))
            let expected = KeyFile(
                path: "\(path)/default.28c5c86797eb895d.jwks.json", configurationFile: Sample.file,
                line: 12 + directory.count,
                source: HTTPSURL("https://id.example.com/k?a=b"))
            #expect(configuration.responder.keysDirectory == path)
            #expect(configuration.sites["default"]?.jwt?.jwks == expected)
            #expect(expected.source != nil)
        }
    }

    @Test("The sites' section may stand in front of the responder's")
    func order() throws {
        let sections = Sample.text(
            responder: ["keysDirectory: /k"],
            site: ["origins: []", "jwt: { jwks: 'https://a.b', algorithms: [EdDSA] }"])
        let parts = sections.split(separator: "sites:")
        let configuration = try Sample.configuration("sites:\(parts[1])\(parts[0])")
        let mark = try #require(HTTPSURL("https://a.b")).mark
        #expect(configuration.sites["default"]?.jwt?.jwks?.path == "/k/default.\(mark).jwks.json")
    }

    @Test("A path is a file of the site's own, whatever it is called", arguments: ["https", "keys/https", "./a:b"])
    func path(path: String) throws {
        let jwt = try Sample.configuration(Sample.jwt(["jwks: \(path)", "algorithms: [RS256]"])).sites["default"]?.jwt
        #expect(jwt?.jwks?.source == nil)
        #expect(jwt?.jwks?.path.hasPrefix("/etc/rule-outcomes/") == true)
    }

    private static let expected = "`jwks` must be the path of a file, or a URL that begins with `https://`"

    @Test(
        "Another URL is a mistake, and nothing of it is shown",
        arguments: [
            ("http://id.example.com/secret", "not with `http:`, where anybody on the way may exchange the keys"),
            ("HTTP:secret", "not with `http:`, where anybody on the way may exchange the keys"),
            ("ftp://id.example.com/secret", nil), ("https:/secret", nil), ("https://", nil), ("https:///secret", nil),
            ("https://me:secret@id.example.com/", nil), ("https://id.example.com/secret#here", nil),
            ("https://id.example.com/a secret", nil), ("https://id.example.com/sécret", nil),
            ("https://id.example.com:0/secret", nil), ("https://[::1/secret", nil),
            ("https://id.example.com/\(String(repeating: "secret", count: 400))", nil),
        ] as [(String, String?)])
    func mistake(url: String, found: String?) {
        let found = found ?? "in printable ASCII, without a user, a password and a fragment, of at most 2048 bytes"
        let text = Sample.jwt(["jwks: \"\(url)\"", "algorithms: [RS256]"])
        #expect(Sample.mistakes(text) == ["13: \(Self.expected), \(found)"])
    }

    @Test("What waits for a start is not the directory: a reload reads the sites' files from it")
    func reload() throws {
        let before = try Sample.configuration(Sample.text()).responder
        let after = try Sample.configuration(Sample.text(responder: ["keysDirectory: /k"])).responder
        #expect(before != after && after.keysChanged(from: before) == [])
    }
}

@Suite("An https URL")
struct HTTPSURLTests {
    @Test(
        "It has an origin, and is shown without its query",
        arguments: [
            ("https://a.b", "https://a.b", "https://a.b/", "https://a.b/"),
            ("HTTPS://A.b:443/C/d?e=F", "https://a.b", "https://a.b/C/d", "https://a.b/C/d?e=F"),
            ("https://a.b:8443?q", "https://a.b:8443", "https://a.b:8443/", "https://a.b:8443/?q"),
            ("https://[::1]:1/x", "https://[::1]:1", "https://[::1]:1/x", "https://[::1]:1/x"),
        ])
    func parts(text: String, origin: String, shown: String, all: String) {
        let url = HTTPSURL(text)
        #expect(url?.origin == origin && url?.shown == shown && url?.text == all)
    }

    @Test(
        "A redirect is to what its reference names",
        arguments: [
            ("https://c.d/e", "https://c.d/e"), ("//c.d/e", "https://c.d/e"), ("/e?f", "https://a.b/e?f"),
            ("e", "https://a.b/x/e"), ("?g", "https://a.b/x/y?g"), ("/e#here", "https://a.b/e"),
            ("http://a.b/x/y", nil), ("javascript:1", nil), ("//me@a.b/", nil), ("", nil), ("/a b", nil),
            ("\\\\c.d", nil),
        ])
    func redirect(reference: String, target: String?) throws {
        let url = try #require(HTTPSURL("https://a.b/x/y?z"))
        #expect(url.resolving(reference)?.text == target)
    }
}
