import ConfigurationFile
import Foundation
import TestSupport

@testable import Credentials
@testable import JSON

/// What holds of every token at a site whose keys are known: it passes where whoever has the keys made it, and nowhere else.
///
/// An input is a token. One that begins with a brace is header and claims of a token, each a line, which is signed here with
/// the secret, so that the search gets past the signature.
final class TokenProperties {
    static let secret = Array("a secret that is known to whoever fuzzes, and to nobody else. 64".utf8)
    private static let now: Double = 1_700_000_000
    private static let audience = "rule-outcomes"

    private let verifier: TokenVerifier
    private let minted: Set<[UInt8]>
    private let signer: SecretKey

    init() throws {
        let directory = try TemporaryDirectory()
        func file(_ name: String, _ bytes: [UInt8]) throws -> KeyFile {
            let path = "\(directory.path)/\(name)"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return KeyFile(path: path, configurationFile: "config.yaml", line: 1)
        }
        let jwt = JWTConfiguration(
            secret: try file("secret", Self.secret),
            jwks: try file("jwks", try Corpus.file("three-public-keys.json", of: "jwks")),
            algorithms: [.hs256, .edDSA, .es256], audience: Self.audience)
        verifier = TokenVerifier(keys: try KeySet(jwt), claims: ClaimsPolicy(jwt))
        // Nobody has the private keys any more, so that there will never be others.
        let files = try Corpus.files(of: "token").filter { $0.name.hasPrefix("minted-") }
        minted = Set(files.map(\.bytes))
        guard let signer = SecretKey(Self.secret, for: .hs256) else {
            throw PropertyFailure(description: "HS256 has no key")
        }
        self.signer = signer
        for token in minted { try hold(fault(of: token) == nil, "a token that was minted passes") }
    }

    func check(_ bytes: [UInt8]) throws {
        if bytes.first == UInt8(ascii: "{") {
            try checkSigned(bytes)
        } else {
            let fault = fault(of: bytes)
            try hold(fault != nil || minted.contains(bytes), "a token that passes was minted")
            try checkWords(of: fault)
        }
        try checkBase64(bytes)
    }

    private func fault(of token: [UInt8]) -> CredentialFault? {
        do throws(CredentialFault) {
            try verifier.verify(token, nowSeconds: Self.now)
            return nil
        } catch {
            return error
        }
    }

    /// What is told of a token are words of this project's own.
    private func checkWords(of fault: CredentialFault?) throws {
        guard let fault else { return }
        try hold(!fault.description.contains(SubmissionProperties.marker), "a fault does not quote the token")
        try hold(!fault.description.contains { "\"\\".contains($0) }, "a fault may stand in a header")
        try hold(fault.name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }, "a fault has a plain name")
    }

    // MARK: Signed here

    private func checkSigned(_ bytes: [UInt8]) throws {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let (header, claims) = (Array(parts[0]), parts.count == 2 ? Array(parts[1]) : [])
        let signed = Base64URL.encode(header) + "." + Base64URL.encode(claims)
        let token = Array("\(signed).\(Base64URL.encode(signer.signature(of: Array(signed.utf8))))".utf8)
        let fault = fault(of: token)
        try checkWords(of: fault)
        let isRight = token.count <= TokenVerifier.tokenBytesMax && isRight(header: header) && isRight(claims: claims)
        try hold((fault == nil) == isRight, "a token of ours passes where header and claims are right: \(isRight)")
    }

    /// As the contract with those who sign has it, word by word.
    private func isRight(header bytes: [UInt8]) -> Bool {
        guard let header = try? JSONObject(parsing: bytes, depthMax: 32),
            ["crit", "b64", "jwk", "jku", "x5u", "x5c"].allSatisfy({ header[$0] == nil }), isText(header["typ"]),
            isText(header["kid"]), case .string("HS256")? = header["alg"]
        else { return false }
        // The JWKS has other algorithms for these, and a key that is named is the one that counts.
        if case .string(let id)? = header["kid"] { return !["ed", "ec", "rsa"].contains(id) }
        return true
    }

    private func isText(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .string?: true
        default: false
        }
    }

    private func isRight(claims bytes: [UInt8]) -> Bool {
        guard let claims = try? JSONObject(parsing: bytes, depthMax: 32) else { return false }
        for (name, isInTime) in [
            ("exp", { $0 > Self.now - 60 }), ("nbf", { $0 <= Self.now + 60 }), ("iat", { $0 <= Self.now + 60 }),
        ] as [(String, (Double) -> Bool)] {
            switch claims[name] {
            case nil: continue
            case .number(let seconds)?: guard isInTime(seconds) else { return false }
            default: return false
            }
        }
        switch claims["aud"] {
        case .string(let text)?: return Array(text.utf8) == Array(Self.audience.utf8)
        case .array(let elements)?:
            return elements.contains { element in
                guard case .string(let text) = element else { return false }
                return Array(text.utf8) == Array(Self.audience.utf8)
            }
        default: return false
        }
    }

    // MARK: base64url

    /// One text for some bytes, and no other.
    private func checkBase64(_ bytes: [UInt8]) throws {
        let written = Array(Base64URL.encode(bytes).utf8)
        try hold(Base64URL.decode(written[...]) == bytes, "base64url reads what it writes")
        for part in bytes.split(separator: UInt8(ascii: ".")) {
            guard let decoded = Base64URL.decode(part) else { continue }
            try hold(Array(Base64URL.encode(decoded).utf8) == Array(part), "base64url has one way to write some bytes")
        }
    }
}
