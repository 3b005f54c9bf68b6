import ConfigurationFile
import Credentials
import Foundation
import Testing

/// What is said of key files that too many may read or write.
@Suite struct KeyFilePermissionTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    private static let readable = "holds a secret that every user of this machine may read: run 'chmod o-r "
    private static let replaceable = "may be replaced by every user of this machine: run 'chmod go-w "
    private static let ofGroup = "holds a secret that its group may replace: run 'chmod g-w "

    @Test(
        "A secret is its owner's to write, and its group's to read at most",
        arguments: [
            (0o600, []), (0o400, []), (0o640, []), (0o644, [readable]), (0o660, [ofGroup]),
            (0o664, [readable, ofGroup]), (0o602, [replaceable]), (0o666, [readable, replaceable]),
        ] as [(mode_t, [String])])
    func secrets(mode: mode_t, expected: [String]) throws {
        let file = try site.file("secret", site.keys.secret, mode: mode)
        for warnings in [
            try site.credentials(JWTConfiguration(secret: file, algorithms: [.hs256])).warnings,
            try SubjectSecret(file: file).warnings,
        ] {
            #expect(warnings.map(\.message) == expected.map { "the key file \(file.path) \($0)\(file.path)'" })
            #expect(warnings.allSatisfy { $0.file == "config.yaml" && $0.line == 12 })
        }
    }

    @Test(
        "A public key is everybody's to read, and its owner's and group's to write",
        arguments: [(0o644, []), (0o664, []), (0o646, [replaceable])] as [(mode_t, [String])])
    func publicKeys(mode: mode_t, expected: [String]) throws {
        let pem = try site.file("public.pem", site.keys.pem(.rs256).utf8, mode: mode)
        let text = #"{"keys":[\#(try site.keys.jwk(.es256, members: #""kid":"k""#))]}"#
        let jwks = try site.file("jwks.json", text.utf8, mode: mode)
        for jwt in [
            JWTConfiguration(publicKey: pem, algorithms: [.rs256]), JWTConfiguration(jwks: jwks, algorithms: [.es256]),
        ] {
            let path = (jwt.publicKey ?? jwks).path
            let messages = try site.credentials(jwt).warnings.map(\.message)
            #expect(messages == expected.map { "the key file \(path) \($0)\(path)'" })
        }
    }
}
