import ConfigurationFile
import Cryptography

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
