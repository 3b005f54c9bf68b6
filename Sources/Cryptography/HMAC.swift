import CCrypto

/// HMAC (RFC 2104) under one key.
///
/// The key is mixed in once. Each message goes on from copies of that state, which stand on the stack: nothing is
/// allocated, and threads may share a value.
public struct HMAC: Sendable {
    /// The states of both hashes, the inner one and the outer one, after the key. SHA-384 is SHA-512 that starts and ends
    /// otherwise, which its state remembers.
    private enum Keyed {
        case sha256(inner: SHA256_CTX, outer: SHA256_CTX)
        case sha512(inner: SHA512_CTX, outer: SHA512_CTX)
    }

    public let function: HashFunction
    private let keyed: Keyed

    public init(_ function: HashFunction, key: [UInt8]) {
        self.function = function
        let short = key.count > function.blockBytes ? function.hash(of: key) : key
        let block = short + [UInt8](repeating: 0, count: function.blockBytes - short.count)
        let inner = block.map { $0 ^ 0x36 }
        let outer = block.map { $0 ^ 0x5C }
        keyed =
            switch function {
            case .sha256: .sha256(inner: SHA256_CTX(after: inner), outer: SHA256_CTX(after: outer))
            case .sha384: .sha512(inner: SHA512_CTX(sha384After: inner), outer: SHA512_CTX(sha384After: outer))
            case .sha512: .sha512(inner: SHA512_CTX(sha512After: inner), outer: SHA512_CTX(sha512After: outer))
            }
    }

    /// The message's code, as long as the function's digest.
    public func code(of message: UnsafeRawBufferPointer) -> [UInt8] {
        withCode(of: message) { Array($0) }
    }

    /// The first 16 bytes of the message's code as a number, the first in the highest place.
    public func first128Bits(of message: UnsafeRawBufferPointer) -> UInt128 {
        withCode(of: message) { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) }
    }

    /// Whether `code` is the whole code of the message. How long that takes does not tell where the two differ.
    public func isValid(_ code: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer) -> Bool {
        guard code.count == function.digestBytes else { return false }
        return withCode(of: message) { CRYPTO_memcmp($0.baseAddress, code.baseAddress, code.count) == 0 }
    }

    private func withCode<Result>(
        of message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let count = function.digestBytes
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { code in
            let start = code.baseAddress
            switch keyed {
            case .sha256(var inner, var outer):
                SHA256_Update(&inner, message.baseAddress, message.count)
                SHA256_Final(start, &inner)
                SHA256_Update(&outer, start, count)
                SHA256_Final(start, &outer)
            case .sha512(var inner, var outer):
                SHA512_Update(&inner, message.baseAddress, message.count)
                SHA512_Final(start, &inner)
                SHA512_Update(&outer, start, count)
                SHA512_Final(start, &outer)
            }
            return body(UnsafeRawBufferPointer(code))
        }
    }
}
