import CCrypto

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

        /// The first 16 bytes as a number, the first in the highest place.
        public var first128Bits: UInt128 {
            UInt128(bigEndian: first)
        }
    }
}
