import ConfigurationFile
import Credentials
import Foundation
import Testing

/// What is refused, or warned of, when a site's keys are loaded.
@Suite struct KeyFileTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test("A file is read whole, up to 1 MiB")
    func contents() throws {
        let bytes = (0..<KeyFile.bytesMax).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try site.file("largest", bytes).contents() == bytes)
        #expect(try site.file("empty", "").contents().isEmpty)
        #expect(throws: ConfigurationError.self) { try site.file("larger", bytes + [0]).contents() }
    }

    @Test("A file that cannot be read is named, with the line that names it")
    func unreadable() throws {
        let missing = KeyFile(path: site.path("missing"), configurationFile: "config.yaml", line: 7)
        let error = #expect(throws: ConfigurationError.self) { try missing.contents() }
        #expect(error?.file == "config.yaml")
        #expect(error?.line == 7)
        #expect(error?.message.contains(site.path("missing")) == true)
        let fetched = KeyFile(
            path: site.path("fetched"), configurationFile: "config.yaml", line: 7,
            source: HTTPSURL("https://a.b/c?secret"))
        let unfetched = #expect(throws: ConfigurationError.self) { try fetched.contents() }
        #expect(
            unfetched?.message.contains("'rule-outcomes fetch-keys' writes it, with what https://a.b/c answers") == true
        )
        let folder = KeyFile(path: site.path(""), configurationFile: "config.yaml", line: 7)
        #expect(throws: ConfigurationError.self) { try folder.contents() }
    }

    @Test("A pipe in a key file's place is refused and not waited for")
    func pipe() throws {
        #expect(mkfifo(site.path("pipe"), 0o600) == 0)
        let pipe = KeyFile(path: site.path("pipe"), configurationFile: "config.yaml", line: nil)
        let error = #expect(throws: ConfigurationError.self) { try pipe.contents() }
        #expect(error?.message.contains("not a regular file") == true)
    }

    @Test("A secret is the file's bytes less one newline", arguments: ["", "\n"])
    func newline(end: String) throws {
        let file = try site.file("secret", site.keys.secret + Array(end.utf8))
        let credentials = try site.credentials(JWTConfiguration(secret: file, algorithms: [.hs256]))
        let token = try TokenText.signed(
            header: #"{"alg":"HS256"}"#, claims: "{}", by: site.keys.signer(.hs256))
        #expect(credentials.passes(token))
    }

    @Test("Of two newlines the first belongs to the secret")
    func twoNewlines() throws {
        let file = try site.file("secret", site.keys.secret + Array("\n\n".utf8))
        let credentials = try site.credentials(JWTConfiguration(secret: file, algorithms: [.hs256]))
        let token = try TokenText.signed(
            header: #"{"alg":"HS256"}"#, claims: "{}", by: site.keys.signer(.hs256))
        #expect(credentials.fault(of: token) == .signature)
    }

    @Test("An empty secret is refused", arguments: ["", "\n"])
    func emptySecret(text: String) throws {
        let error = site.error(JWTConfiguration(secret: try site.file("secret", text), algorithms: [.hs256]))
        #expect(error?.message.contains("is empty") == true)
        #expect(error?.line == 12)
    }

    @Test("A PEM key named as the secret is refused")
    func pemAsSecret() throws {
        let file = try site.file("secret", site.keys.pem(.rs256))
        let error = site.error(JWTConfiguration(secret: file, algorithms: [.hs256]))
        #expect(error?.message.contains("holds a PEM key") == true)
    }

    @Test("A secret shorter than RFC 7518 demands is allowed with a warning for each algorithm")
    func shortSecret() throws {
        let file = try site.file("secret", "forty bytes of a secret, no more of them")
        let credentials = try site.credentials(
            JWTConfiguration(secret: file, algorithms: [.hs256, .hs384, .hs512]))
        #expect(credentials.warnings.count == 2)
        #expect(credentials.warnings.allSatisfy { $0.message.contains("40 bytes") && $0.line == 12 })
        #expect(try site.hs256().warnings.isEmpty)
    }

    @Test("A key that fits no allowed algorithm is refused")
    func uselessKeys() throws {
        let jwks = try site.jwks(site.keys.jwk(.es256, members: #""kid":"k""#))
        let publicKey = try site.file("public.pem", site.keys.pem(.edDSA))
        for jwt in [
            JWTConfiguration(secret: try site.secret(), jwks: jwks, algorithms: [.es256]),
            JWTConfiguration(secret: try site.secret(), publicKey: publicKey, algorithms: [.hs256]),
            JWTConfiguration(secret: try site.secret(), jwks: jwks, algorithms: [.hs256]),
            JWTConfiguration(secret: try site.secret(), algorithms: []),
        ] {
            let error = site.error(jwt)
            #expect(error?.message.contains("jwt.algorithms") == true)
            #expect(error?.line == 12)
        }
    }

    @Test("Every file that cannot be used is named, whichever comes first")
    func everyFile() throws {
        let jwt = JWTConfiguration(
            secret: try site.file("secret", ""), publicKey: try site.file("public.pem", "no key"),
            jwks: try site.file("jwks.json", "no set"), algorithms: [.hs256, .rs256])
        let messages = site.errors(jwt).map(\.message)
        #expect(messages.count == 3)
        for name in ["secret is empty", "public.pem is not one public key", "jwks.json is not a JWKS"] {
            #expect(messages.contains { $0.contains(name) }, "\(name)")
        }
    }

    @Test("An allowed algorithm that no key fits is refused by name")
    func uselessAlgorithms() throws {
        let error = site.error(
            JWTConfiguration(secret: try site.secret(), algorithms: [.hs256, .rs256, .edDSA]))
        #expect(error?.message.contains("allows EdDSA, RS256, which none") == true)
        #expect(site.error(JWTConfiguration(algorithms: [.hs256]))?.message.contains("HS256") == true)
    }

    @Test("A public key of each kind is read", arguments: [SignatureAlgorithm.rs256, .es256, .es384, .es512, .edDSA])
    func publicKeys(algorithm: SignatureAlgorithm) throws {
        let file = try site.file("public.pem", site.keys.pem(algorithm) + "\n")
        #expect(site.error(JWTConfiguration(publicKey: file, algorithms: [algorithm])) == nil)
    }

    @Test("RSA's own PEM form is read too")
    func pkcs1() throws {
        let pem = try OpenSSL.run("rsa", "-RSAPublicKey_out", input: Data(site.keys.rsa.pem.utf8))
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN RSA PUBLIC KEY-----"))
        let file = try site.file("public.pem", pem)
        #expect(site.error(JWTConfiguration(publicKey: file, algorithms: [.rs384])) == nil)
    }

    @Test("An RSA key below 2048 bits is refused, and its size said")
    func shortRSA() throws {
        let error = publicKeyError(try TestKey.rsa(bits: 1024).publicPEM)
        #expect(error?.message.contains("RSA key of 1024 bits") == true)
    }

    @Test("A private key where a public one belongs is refused, and not quoted")
    func privateKeys() throws {
        let pkcs1 = try OpenSSL.run("rsa", "-traditional", input: Data(site.keys.rsa.pem.utf8))
        let sec1 = try OpenSSL.run("ec", input: Data(site.keys.p256.pem.utf8))
        for text in [
            String(decoding: pkcs1, as: UTF8.self), String(decoding: sec1, as: UTF8.self), site.keys.rsa.pem,
            site.keys.p256.pem, site.keys.ed25519.pem, site.keys.pem(.rs256) + "\n" + site.keys.rsa.pem,
        ] {
            let message = publicKeyError(text)?.message
            #expect(message?.contains("private key where a public one belongs") == true)
            #expect(message?.contains("MI") == false)
        }
    }

    @Test(
        "What is not one public key in PEM is refused",
        arguments: [
            "", "secret", "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        ])
    func noPEM(text: String) throws {
        #expect(publicKeyError(text)?.message.contains("key") == true)
        #expect(publicKeyError(site.keys.pem(.rs256) + "\n" + site.keys.pem(.es256)) != nil)
    }

    /// The error that a site ends in whose only key is `text`.
    private func publicKeyError(_ text: String) -> ConfigurationError? {
        guard let file = try? site.file("public.pem", text) else { return nil }
        return site.error(JWTConfiguration(publicKey: file, algorithms: [.rs256]))
    }
}

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
