import ConfigurationFile
import Foundation
import Testing
import TestSupport

/// One key of every kind, made anew in each run of the tests.
struct TestKeys: Sendable {
    static let shared = Result { try TestKeys() }

    let secret: [UInt8] = (0..<64).map { _ in UInt8.random(in: .min ... .max) }
    let rsa: TestKey
    let p256: TestKey
    let p384: TestKey
    let p521: TestKey
    let ed25519: TestKey

    init() throws {
        rsa = try .rsa()
        p256 = try .ec("P-256", coordinateBytes: 32)
        p384 = try .ec("P-384", coordinateBytes: 48)
        p521 = try .ec("P-521", coordinateBytes: 66)
        ed25519 = try .ed25519()
    }

    func signer(_ algorithm: SignatureAlgorithm) -> TestSigner {
        switch algorithm {
        case .hs256: .secret(secret, digest: "SHA256")
        case .hs384: .secret(secret, digest: "SHA384")
        case .hs512: .secret(secret, digest: "SHA512")
        case .rs256: .key(rsa, digest: "SHA256")
        case .rs384: .key(rsa, digest: "SHA384")
        case .rs512: .key(rsa, digest: "SHA512")
        case .es256: .key(p256, digest: "SHA256")
        case .es384: .key(p384, digest: "SHA384")
        case .es512: .key(p521, digest: "SHA512")
        case .edDSA: .key(ed25519, digest: nil)
        }
    }

    /// The public key in PEM; empty for HMAC.
    func pem(_ algorithm: SignatureAlgorithm) -> String {
        switch algorithm {
        case .hs256, .hs384, .hs512: ""
        case .rs256, .rs384, .rs512: rsa.publicPEM
        case .es256: p256.publicPEM
        case .es384: p384.publicPEM
        case .es512: p521.publicPEM
        case .edDSA: ed25519.publicPEM
        }
    }

    /// The public key as a JWK with the further `members`, each written as `"name":value`.
    func jwk(_ algorithm: SignatureAlgorithm, members: String...) throws -> String {
        let key =
            switch algorithm {
            case .hs256, .hs384, .hs512: #""kty":"oct","k":"\#(TokenText.base64URL(secret))""#
            case .rs256, .rs384, .rs512: try rsaMembers()
            case .es256: try Self.members(p256, on: "P-256")
            case .es384: try Self.members(p384, on: "P-384")
            case .es512: try Self.members(p521, on: "P-521")
            case .edDSA: try Self.members(ed25519, on: "Ed25519")
            }
        return "{\(([key] + members).joined(separator: ","))}"
    }

    private func rsaMembers() throws -> String {
        let modulus = TokenText.base64URL(try rsa.number("n"))
        return #""kty":"RSA","n":"\#(modulus)","e":"\#(TokenText.base64URL(try rsa.number("e")))""#
    }

    /// The members of a JWK that make up a public key on this curve.
    static func members(_ key: TestKey, on curve: String) throws -> String {
        guard let count = key.coordinateBytes else {
            return #""kty":"OKP","crv":"\#(curve)","x":"\#(TokenText.base64URL(try key.raw()))""#
        }
        let x = TokenText.base64URL(try key.number("qx", count: count))
        let y = TokenText.base64URL(try key.number("qy", count: count))
        return #""kty":"EC","crv":"\#(curve)","x":"\#(x)","y":"\#(y)""#
    }
}

/// The `openssl` of this machine, which says what a key file is.
enum OpenSSL {
    /// Runs it; returns what it writes on standard output.
    @discardableResult
    static func run(_ arguments: String..., input: Data = Data()) throws -> Data {
        try run(arguments, input: input)
    }

    static func run(_ arguments: [String], input: Data = Data()) throws -> Data {
        try Spawning.run(["/usr/bin/openssl"] + arguments, input: input)
    }

    /// Whether it reads the file as a public key.
    static func readsPublicKey(_ path: String) -> Bool {
        (try? run("pkey", "-pubin", "-in", path, "-noout")) != nil
    }
}
