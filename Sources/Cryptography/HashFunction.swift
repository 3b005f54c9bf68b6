import CCrypto

/// The hash functions that JWT's algorithms are named after (FIPS 180-4).
public enum HashFunction: Sendable {
    case sha256, sha384, sha512

    /// How long a digest is, and so a code of HMAC.
    public var digestBytes: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// How many bytes the function takes in at a time.
    var blockBytes: Int {
        self == .sha256 ? 64 : 128
    }

    /// What libcrypto calls the function where it verifies signatures.
    var signatureDigest: OpaquePointer? {
        switch self {
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }

    func hash(of bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: digestBytes) { digest, count in
            switch self {
            case .sha256: _ = CCrypto.SHA256(bytes, bytes.count, digest.baseAddress)
            case .sha384: _ = CCrypto.SHA384(bytes, bytes.count, digest.baseAddress)
            case .sha512: _ = CCrypto.SHA512(bytes, bytes.count, digest.baseAddress)
            }
            count = digestBytes
        }
    }
}
