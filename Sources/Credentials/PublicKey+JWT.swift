import ConfigurationFile
import Cryptography

// What JWT asks of a public key. The type is Cryptography's, which never says "token", so this stands apart from it.

/// Which of JWT's algorithms a public key is for.
extension PublicKey {
    /// The algorithms that such a key can verify at all.
    var algorithms: Set<SignatureAlgorithm> {
        switch kind {
        case .rsa: [.rs256, .rs384, .rs512]
        case .ec(.p256): [.es256]
        case .ec(.p384): [.es384]
        case .ec(.p521): [.es512]
        case .ed25519: [.edDSA]
        }
    }

    /// This key, bound to each of `algorithms` that fits it.
    func keys(for algorithms: Set<SignatureAlgorithm>) -> [SignatureAlgorithm: VerificationKey] {
        var keys: [SignatureAlgorithm: VerificationKey] = [:]
        for algorithm in algorithms.intersection(self.algorithms) {
            keys[algorithm] = .publicKey(self, algorithm.hash)
        }
        return keys
    }
}

extension SignatureAlgorithm {
    /// What it hashes a message with; nil where that is within the algorithm.
    var hash: HashFunction? {
        switch self {
        case .hs256, .rs256, .es256: .sha256
        case .hs384, .rs384, .es384: .sha384
        case .hs512, .rs512, .es512: .sha512
        case .edDSA: nil
        }
    }
}

/// Keys from the numbers that make them up, in whichever form a file has these.
extension PublicKey {
    static let rsaBitsMin = 2048

    /// An EC key.
    ///
    /// - Parameter point: In any form of SEC 1, section 2.3.3: uncompressed, compressed, or hybrid.
    static func ec(point: [UInt8], on curve: Curve) throws(KeyFault) -> PublicKey {
        try accepted(PublicKey(point: point, on: curve))
    }

    static func ed25519(_ bytes: [UInt8]) throws(KeyFault) -> PublicKey {
        try accepted(PublicKey(ed25519: bytes))
    }

    /// An RSA key, from its two numbers, the most significant byte first.
    static func rsa(modulus: [UInt8], exponent: [UInt8]) throws(KeyFault) -> PublicKey {
        let significant = modulus.drop { $0 == 0 }
        let bits = significant.count * 8 - (significant.first?.leadingZeroBitCount ?? 0)
        guard bits >= rsaBitsMin else {
            throw KeyFault("is an RSA key of \(bits) bits. Use one of \(rsaBitsMin) bits or more")
        }
        guard !ROCA.fits(modulus) else {
            throw KeyFault(
                "has the weakness ROCA (CVE-2017-15361), so that its private key can be computed. Make a key by other "
                    + "means than the smart card or TPM that made it")
        }
        return try accepted(PublicKey(modulus: modulus, exponent: exponent))
    }

    private static func accepted(_ key: PublicKey?) throws(KeyFault) -> PublicKey {
        guard let key else { throw KeyFault("is no key that the cryptographic library accepts. Export it again") }
        return key
    }
}

/// The mark of RSA keys whose primes were made in the way that CVE-2017-15361 is about: each is a power of 65537 modulo
/// the product of the first primes, and so is what two of them multiply to.
///
/// Source: Nemec, Sýs, Švenda, Klinec, Matyáš, The Return of Coppersmith's Attack, CCS 2017, section 2. Of other keys one
/// in 2²⁷ has the mark.
enum ROCA {
    /// The odd ones of the first 39 primes, which belong to the product at every size of key.
    private static let primes = (3...167).filter { candidate in
        (2..<candidate).allSatisfy { !candidate.isMultiple(of: $0) }
    }

    static func fits(_ modulus: [UInt8]) -> Bool {
        primes.allSatisfy { prime in
            isPower(modulus.reduce(0) { ($0 << 8 | Int($1)) % prime }, modulo: prime)
        }
    }

    /// Whether `residue` is a power of 65537 modulo `prime`.
    private static func isPower(_ residue: Int, modulo prime: Int) -> Bool {
        var power = 1
        repeat {
            if power == residue { return true }
            power = power * 65537 % prime
        } while power != 1
        return false
    }
}

/// What is wrong with a key, in words that continue `the key file PATH …`. It is put into a `ConfigurationError` by
/// whoever knows the file.
struct KeyFault: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
