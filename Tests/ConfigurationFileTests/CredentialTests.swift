import ConfigurationFile
import Testing

@Suite("A site's credentials, taken together")
struct CredentialTests {
    private static let jwt = ["jwt:", "  secret: s", "  algorithms: [HS256]"]
    private static let nothing =
        "`sites.default` requires credentials but can verify none, so no request can pass: add `jwt`, "
        + "set `session: nginx`, or set `credentials.required: false`"
    private static let noSession =
        "`session` is set, but `credentials.accept` leaves it out: add `session` there, or set `session: off`"
    private static let noToken =
        "`jwt` is given, but `credentials.accept` has no place for a token: "
        + "add one of query, x-blaize-jwt, x-zephr-jwt, bearer, cookie there, or take `jwt` out"

    @Test(
        "A site that would refuse every request is a mistake",
        arguments: [
            ([], ["9: \(nothing)"]),
            (["session: off"], ["9: \(nothing)"]),
            (["credentials:", "  accept: [bearer]", "  required: true"], ["13: \(nothing)"]),
            (["credentials:", "  accept: []"], ["9: \(nothing)"]),
            (
                ["credentials: { required: conversions }"],
                ["11: \(nothing.replacing("no request", with: "no conversion"))"]
            ),
        ])
    func nothingVerifies(lines: [String], mistakes: [String]) {
        #expect(Sample.mistakes(Sample.text(site: ["origins: []"] + lines)) == mistakes)
    }

    @Test(
        "What can be verified but does not count is a mistake",
        arguments: [
            (["session: presence", "credentials: { accept: [bearer] }"], ["11: \(noSession)"]),
            (["session: nginx", "credentials: { accept: [bearer] }"] + jwt, ["11: \(noSession)"]),
            (["session: nginx", "credentials: { accept: [session] }"] + jwt, ["13: \(noToken)"]),
            (["credentials: { accept: [] }"] + jwt, ["12: \(noToken)"]),
            (["session: nginx", "credentials: { accept: [] }"] + jwt, ["11: \(noSession)", "13: \(noToken)"]),
        ])
    func doesNotCount(lines: [String], mistakes: [String]) {
        #expect(Sample.mistakes(Sample.text(site: ["origins: []"] + lines)) == mistakes)
    }

    @Test(
        "A site that can verify something, needs nothing or is switched off is none",
        arguments: [
            jwt, ["session: nginx", "credentials: { accept: [session] }"],
            ["credentials: { accept: [cookie] }"] + jwt, ["credentials: { required: false, accept: [] }"],
            ["credentials: { required: false }"], ["analytics: false"],
            ["credentials: { required: conversions }"] + jwt,
            ["credentials: { required: conversions }", "session: nginx"],
        ])
    func sound(lines: [String]) {
        #expect(Sample.mistakes(Sample.text(site: ["origins: []"] + lines)) == [])
    }
}

@Suite("A site's jwt section")
struct JWTTests {
    @Test("What is left out has its default")
    func defaults() throws {
        let text = Sample.jwt(["secret: /keys/secret", "algorithms: [HS384]"])
        let site = try Sample.configuration(text).sites["default"]
        let secret = KeyFile(path: "/keys/secret", configurationFile: Sample.file, line: 13)
        let expected = JWTConfiguration(
            secret: secret, publicKey: nil, jwks: nil, algorithms: [.hs384], requireExpiry: false, issuer: nil,
            audience: nil)
        #expect(site?.jwt == expected)
    }

    @Test("Every key is read")
    func everyKey() throws {
        let text = Sample.jwt([
            "secret: a", "publicKey: keys/b.pem", "jwks: /c.json", "algorithms: [HS256, EdDSA]",
            "requireExpiry: true", "issuer: https://id.example.com", "audience: 42",
        ])
        let expected = JWTConfiguration(
            secret: KeyFile(path: "/etc/rule-outcomes/a", configurationFile: Sample.file, line: 13),
            publicKey: KeyFile(path: "/etc/rule-outcomes/keys/b.pem", configurationFile: Sample.file, line: 14),
            jwks: KeyFile(path: "/c.json", configurationFile: Sample.file, line: 15), algorithms: [.hs256, .edDSA],
            requireExpiry: true, issuer: "https://id.example.com", audience: "42")
        #expect(try Sample.configuration(text).sites["default"]?.jwt == expected)
    }

    @Test("Every algorithm can be named", arguments: SignatureAlgorithm.allCases)
    func algorithm(algorithm: SignatureAlgorithm) throws {
        let text = Sample.jwt(["secret: a", "jwks: b", "algorithms: [\(algorithm.rawValue)]"])
        #expect(try Sample.configuration(text).sites["default"]?.jwt?.algorithms == [algorithm])
    }

    @Test("Ed25519 is another name for EdDSA", arguments: ["[Ed25519]", "[EdDSA]", "[EdDSA, Ed25519]"])
    func ed25519(list: String) throws {
        let text = Sample.jwt(["jwks: b", "algorithms: \(list)"])
        #expect(try Sample.configuration(text).sites["default"]?.jwt?.algorithms == [.edDSA])
    }

    private static let names = "HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512, EdDSA, Ed25519"
    private static let list = "`algorithms` must be a list of at least one of \(names)"
    private static let noKey =
        "`sites.default.jwt` has no key: add `secret`, `publicKey` or `jwks`, each the path of a file"
    private static let needs = "add one, or take it off the list"

    @Test(
        "A mistake is refused with its line and with what would be right",
        arguments: [
            (["algorithms: [HS256]"], ["12: \(noKey)"]),
            (
                ["secret: a"],
                ["12: `sites.default.jwt` lacks the key `algorithms`: add it, a list of those allowed, such as [RS256]"]
            ),
            (["secret: a", "algorithms: []"], ["14: \(list), not empty"]),
            (["secret: a", "algorithms: HS256"], ["14: \(list), not a single value"]),
            (["secret: a", "algorithms: [hs256]"], ["14: each of `algorithms` must be one of \(names), not `hs256`"]),
            (["secret: a", "algorithms: [none]"], ["14: each of `algorithms` must be one of \(names), not `none`"]),
            (
                ["secret: a", "algorithms:", "  - HS256", "  - RS256"],
                ["16: `RS256` needs a `publicKey` or a `jwks`: \(needs)"]
            ),
            (["publicKey: a", "algorithms: [HS256, RS256]"], ["14: `HS256` needs a `secret`: \(needs)"]),
            (["jwks: a", "algorithms: [HS512]"], ["14: `HS512` needs a `secret`: \(needs)"]),
            (
                ["secret: a", "algorithms: [HS256]", "requireExpiry: on"],
                ["15: `requireExpiry` must be true or false, not `on`"]
            ),
            (
                ["secret: a", "algorithms: [HS256]", "issuer:"],
                ["15: `issuer` must be the `iss` that tokens must carry, not nothing"]
            ),
            (
                ["secret: a", "algorithms: [HS256]", "audience: [a]"],
                ["15: `audience` must be the `aud` that tokens must carry, not a list"]
            ),
            (
                ["secret:", "publicKey: \"\"", "jwks: [a]", "algorithms: [HS256, RS256]"],
                [
                    "13: `secret` must be the path of a file, not what is in it, not nothing",
                    "14: `publicKey` must be the path of a file, not what is in it, not empty",
                    "15: `jwks` must be the path of a file, not what is in it, not a list",
                ]
            ),
        ])
    func mistake(lines: [String], mistakes: [String]) {
        #expect(Sample.mistakes(Sample.jwt(lines)) == mistakes)
    }
}
