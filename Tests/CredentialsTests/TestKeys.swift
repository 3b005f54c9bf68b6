import ConfigurationFile
import Crypto
import CryptoExtras
import Foundation
import JWTKit

/// One key of every kind, made anew in each run of the tests.
struct TestKeys: Sendable {
    static let shared = Result { try TestKeys() }

    let secret: [UInt8] = (0..<64).map { _ in UInt8.random(in: .min ... .max) }
    let rsa: _RSA.Signing.PrivateKey
    let p256 = P256.Signing.PrivateKey()
    let p384 = P384.Signing.PrivateKey()
    let p521 = P521.Signing.PrivateKey()
    let ed25519 = Curve25519.Signing.PrivateKey()

    init() throws {
        rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    /// JWTKit's own signer, so that signing and verifying have as little as possible in common.
    func signer(_ algorithm: SignatureAlgorithm) async throws -> any JWTAlgorithm {
        let keys = JWTKeyCollection()
        switch algorithm {
        case .hs256: await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        case .hs384: await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha384)
        case .hs512: await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha512)
        case .rs256: await keys.add(rsa: try JWTKit.Insecure.RSA.PrivateKey(backing: rsa), digestAlgorithm: .sha256)
        case .rs384: await keys.add(rsa: try JWTKit.Insecure.RSA.PrivateKey(backing: rsa), digestAlgorithm: .sha384)
        case .rs512: await keys.add(rsa: try JWTKit.Insecure.RSA.PrivateKey(backing: rsa), digestAlgorithm: .sha512)
        case .es256: await keys.add(ecdsa: try ES256PrivateKey(backing: p256))
        case .es384: await keys.add(ecdsa: try ES384PrivateKey(backing: p384))
        case .es512: await keys.add(ecdsa: try ES512PrivateKey(backing: p521))
        case .edDSA: await keys.add(eddsa: EdDSA.PrivateKey(backing: ed25519))
        }
        return try await keys.getKey()
    }

    /// The public key in PEM; empty for HMAC.
    func pem(_ algorithm: SignatureAlgorithm) -> String {
        switch algorithm {
        case .hs256, .hs384, .hs512: ""
        case .rs256, .rs384, .rs512: rsa.publicKey.pemRepresentation
        case .es256: p256.publicKey.pemRepresentation
        case .es384: p384.publicKey.pemRepresentation
        case .es512: p521.publicKey.pemRepresentation
        case .edDSA: ed25519.publicKey.pemRepresentation
        }
    }

    /// The public key as a JWK with the further `members`, each written as `"name":value`.
    func jwk(_ algorithm: SignatureAlgorithm, members: String...) throws -> String {
        let key =
            switch algorithm {
            case .hs256, .hs384, .hs512: #""kty":"oct","k":"\#(TokenText.base64URL(secret))""#
            case .rs256, .rs384, .rs512: try rsaMembers()
            case .es256: curveMembers("P-256", p256.publicKey.rawRepresentation)
            case .es384: curveMembers("P-384", p384.publicKey.rawRepresentation)
            case .es512: curveMembers("P-521", p521.publicKey.rawRepresentation)
            case .edDSA:
                #""kty":"OKP","crv":"Ed25519","x":"\#(TokenText.base64URL(ed25519.publicKey.rawRepresentation))""#
            }
        return "{\(([key] + members).joined(separator: ","))}"
    }

    private func rsaMembers() throws -> String {
        let numbers = try rsa.publicKey.getKeyPrimitives()
        let modulus = TokenText.base64URL(numbers.modulus)
        return #""kty":"RSA","n":"\#(modulus)","e":"\#(TokenText.base64URL(numbers.publicExponent))""#
    }

    private func curveMembers(_ curve: String, _ point: Data) -> String {
        let x = TokenText.base64URL(point.prefix(point.count / 2))
        let y = TokenText.base64URL(point.suffix(point.count / 2))
        return #""kty":"EC","crv":"\#(curve)","x":"\#(x)","y":"\#(y)""#
    }
}
