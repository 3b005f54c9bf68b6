import CCrypto

/// A public key that JWT's signatures are verified with (RFC 7518, section 3; RFC 8037).
public struct PublicKey: Sendable {
    /// The curves of EC keys, by the names that NIST, RFC 7518 and libcrypto have for them.
    public enum Curve: String, Sendable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        public var coordinateBytes: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    public enum Kind: Sendable {
        case rsa
        case ec(Curve)
        case ed25519
    }

    /// A larger exponent makes each signature dearer to verify, and nothing safer.
    private static let exponentBitsMax = 33

    public let kind: Kind
    let handle: Handle

    /// An RSA key from its two numbers, the most significant byte first; nil when they make none. How long the modulus is
    /// to be at least, the caller decides.
    public init?(modulus: [UInt8], exponent: [UInt8]) {
        let significant = exponent.drop { $0 == 0 }
        guard significant.count * 8 - (significant.first?.leadingZeroBitCount ?? 0) <= Self.exponentBitsMax else {
            return nil
        }
        self.init(.rsa) { crypto_rsa_key(modulus, modulus.count, exponent, exponent.count) }
    }

    /// An EC key; nil when the point is not on the curve, or not written as one is.
    ///
    /// - Parameter point: In any form of SEC 1, section 2.3.3: uncompressed, compressed, or hybrid.
    public init?(point: [UInt8], on curve: Curve) {
        self.init(.ec(curve)) { crypto_ec_key(curve.rawValue, point, point.count) }
    }

    /// An Ed25519 key from its 32 bytes (RFC 8032, section 5.1.5); nil when there are more or fewer, or when it is a point of
    /// small order: libcrypto takes those, and anybody can sign under them.
    public init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == 32, !SmallOrder.contains(bytes) else { return nil }
        self.init(.ed25519) { EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count) }
    }

    /// Takes what `make` makes, where libcrypto finds nothing wrong with it: an RSA key's numbers are odd, its exponent is
    /// not 1, its modulus has no small factor; an EC key's point is on its curve.
    private init?(_ kind: Kind, _ make: () -> OpaquePointer?) {
        Library.prepare()
        defer { ERR_clear_error() }
        guard let key = make() else { return nil }
        handle = Handle(key)
        self.kind = kind
        let check = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
        defer { EVP_PKEY_CTX_free(check) }
        guard check != nil, EVP_PKEY_public_check(check) == 1 else { return nil }
    }

    /// Owns one of libcrypto's keys.
    ///
    /// Threads may share it: verifying reads the key, and nothing here changes one. What libcrypto itself keeps within a key,
    /// such as a count of its owners, it changes atomically or under a lock of the key (openssl-threads(7)).
    final class Handle: @unchecked Sendable {
        let key: OpaquePointer

        fileprivate init(_ key: OpaquePointer) {
            self.key = key
        }

        deinit {
            EVP_PKEY_free(key)
        }
    }
}

/// libcrypto as a whole.
enum Library {
    /// Is called before anything of libcrypto that would else prepare it otherwise: everything but the hashes.
    static func prepare() {
        _ = isPrepared
    }

    /// Without OpenSSL's configuration file, so that neither that nor a variable of the environment changes what verifies. And
    /// without a clean-up at the end of the process, since a thread may still be verifying then.
    private static let isPrepared =
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT), nil) == 1
}

extension PublicKey {
    /// Whether the owner of the key has signed the message, in the form that JWS has for signatures of its kind: PKCS #1
    /// v1.5 for RSA; for EC the numbers r and s, each as long as a coordinate; 64 bytes for Ed25519.
    ///
    /// - Parameter hash: What the message is hashed with; nil for Ed25519, which hashes by itself.
    public func isValid(
        _ signature: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer, hash: HashFunction?
    ) -> Bool {
        switch kind {
        // Without one libcrypto would take the one that it thinks best.
        case .rsa, .ec: guard hash != nil else { return false }
        case .ed25519: break
        }
        switch kind {
        case .rsa: return verifies(signature, message, hash)
        case .ec(let curve):
            guard let der = Self.ecdsaDER(signature, coordinateBytes: curve.coordinateBytes) else { return false }
            return der.withUnsafeBytes { verifies($0, message, hash) }
        case .ed25519: return verifies(signature, message, nil)
        }
    }

    private func verifies(
        _ signature: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer, _ hash: HashFunction?
    ) -> Bool {
        // A signature that does not verify leaves errors in a queue of this thread's, for nobody to read.
        defer { ERR_clear_error() }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard context != nil, EVP_DigestVerifyInit(context, nil, hash?.signatureDigest, nil, handle.key) == 1 else {
            return false
        }
        return EVP_DigestVerify(context, signature.start, signature.count, message.start, message.count) == 1
    }

    /// An ECDSA-Sig-Value (RFC 3279, section 2.2.3), which libcrypto takes, of the r and s that JWS has. nil when their
    /// lengths are wrong; whether they are in range, libcrypto looks at.
    private static func ecdsaDER(_ signature: UnsafeRawBufferPointer, coordinateBytes: Int) -> [UInt8]? {
        guard signature.count == 2 * coordinateBytes, let start = signature.start, let pair = ECDSA_SIG_new() else {
            return nil
        }
        defer { ECDSA_SIG_free(pair) }
        let r = BN_bin2bn(start, CInt(coordinateBytes), nil)
        let s = BN_bin2bn(start + coordinateBytes, CInt(coordinateBytes), nil)
        // The pair owns them from now on, or it was given nothing.
        guard ECDSA_SIG_set0(pair, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return nil
        }
        return DER.encoded { i2d_ECDSA_SIG(pair, $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var start: UnsafePointer<UInt8>? {
        baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}

/// Ed25519's points of order 1, 2, 4 and 8, in each way in which they can be written.
private enum SmallOrder {
    static func contains(_ point: [UInt8]) -> Bool {
        // Of these points every one comes with either sign, or means the same with it.
        let unsigned = point.dropLast() + [point[31] & 0x7F]
        return points.contains { unsigned.elementsEqual($0) }
    }

    /// By their y, the least significant byte first: 0, 1, the two of order 8, and -1; 0 and 1 also as p and p + 1.
    private static let points: [[UInt8]] =
        [
            [UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31),
            [
                0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
                0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
            ],
            [
                0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
                0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
            ],
        ] + ([0xEC, 0xED, 0xEE] as [UInt8]).map { [$0] + [UInt8](repeating: 0xFF, count: 30) + [0x7F] }
}
