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

    /// Through the structs, as HMAC does it. libcrypto's own one-shot functions look for a provider first, which depends on
    /// the machine's configuration, and write nothing where there is none.
    func hash(of bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: digestBytes) { digest, count in
            switch self {
            case .sha256:
                var context = SHA256_CTX(after: bytes)
                SHA256_Final(digest.baseAddress, &context)
            case .sha384:
                var context = SHA512_CTX(sha384After: bytes)
                SHA384_Final(digest.baseAddress, &context)
            case .sha512:
                var context = SHA512_CTX(sha512After: bytes)
                SHA512_Final(digest.baseAddress, &context)
            }
            count = digestBytes
        }
    }
}

extension SHA256_CTX {
    init(after bytes: [UInt8]) {
        self.init()
        SHA256_Init(&self)
        SHA256_Update(&self, bytes, bytes.count)
    }
}

extension SHA512_CTX {
    init(sha384After bytes: [UInt8]) {
        self.init()
        SHA384_Init(&self)
        SHA384_Update(&self, bytes, bytes.count)
    }

    init(sha512After bytes: [UInt8]) {
        self.init()
        SHA512_Init(&self)
        SHA512_Update(&self, bytes, bytes.count)
    }
}

/// SHA-256 (FIPS 180-4) over bytes that come in pieces. A value on the stack: a copy goes on from the same place, and
/// nothing is allocated.
public struct SHA256: Sendable {
    private var context = SHA256_CTX()

    public init() {
        SHA256_Init(&context)
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        SHA256_Update(&context, bytes.baseAddress, bytes.count)
    }

    public mutating func update(_ bytes: [UInt8]) {
        SHA256_Update(&context, bytes, bytes.count)
    }

    /// The digest of all bytes so far. More may follow.
    public func finalize() -> Digest {
        var context = context
        var digest = Digest()
        withUnsafeMutableBytes(of: &digest) { bytes in
            _ = SHA256_Final(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &context)
        }
        return digest
    }

    public static func hash(of bytes: UnsafeRawBufferPointer) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    public static func hash(of bytes: [UInt8]) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    /// What SHA-256 makes of a message.
    public struct Digest: Hashable, Sendable {
        // Two numbers hold the bytes as they stand in memory, since Swift hashes and compares numbers by itself.
        private var first: UInt128 = 0
        private var second: UInt128 = 0

        fileprivate init() {}

        public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
            try Swift.withUnsafeBytes(of: self, body)
        }

        /// All 32 of them.
        public var bytes: [UInt8] {
            withUnsafeBytes { Array($0) }
        }

        /// The first `count` bytes in hexadecimal digits: enough to tell one message from another.
        public func hex(bytes count: Int) -> String {
            bytes.prefix(count).map { String(UInt16($0) + 0x100, radix: 16).suffix(2) }.joined()
        }

        /// The first 16 bytes as a number, the first in the highest place.
        public var first128Bits: UInt128 {
            UInt128(bigEndian: first)
        }
    }
}
