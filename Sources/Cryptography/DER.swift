import CCrypto

/// Values that libcrypto reads from DER (X.690) and writes as such.
enum DER {
    /// What `read`, one of libcrypto's `d2i_…`, reads. The caller owns it. nil when there is no such value.
    static func decoded(
        _ bytes: [UInt8], _ read: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?
    ) -> OpaquePointer? {
        Library.prepare()
        return bytes.withUnsafeBufferPointer { buffer in
            // It is moved on to the end of what was read.
            var next = buffer.baseAddress
            return read(&next, buffer.count)
        }
    }

    /// What `write`, one of libcrypto's `i2d_…`, writes; nil when it cannot.
    static func encoded(_ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> CInt) -> [UInt8]? {
        let count = Int(write(nil))
        guard count > 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            var next = buffer.baseAddress
            written = max(0, Int(write(&next)))
        }
    }
}

/// A public key with what it is for, as most files hold it (RFC 5280, section 4.1; RFC 5480; RFC 8410).
public struct SubjectPublicKeyInfo: Sendable {
    public enum Algorithm: Sendable, Equatable {
        case rsa
        /// RSA bound to the padding PSS.
        case rsaPSS
        case ec(PublicKey.Curve)
        /// An EC key whose curve is not named, but written out.
        case ecWithoutCurveName
        case ecOnOtherCurve
        case ed25519
        case other
    }

    public let algorithm: Algorithm
    /// The key itself, written as its algorithm has it.
    public let key: [UInt8]

    /// nil when the bytes are anything but one such value in DER.
    public init?(der: [UInt8]) {
        defer { ERR_clear_error() }
        guard let info = DER.decoded(der, { d2i_X509_PUBKEY(nil, $0, $1) }) else { return nil }
        defer { X509_PUBKEY_free(info) }
        // libcrypto also reads BER, and stops at the end of the value. What reads the same but is written otherwise is no DER.
        guard DER.encoded({ i2d_X509_PUBKEY(info, $0) }) == der else { return nil }
        var name: OpaquePointer?
        var bytes: UnsafePointer<UInt8>?
        var count: CInt = 0
        var identifier: UnsafeMutablePointer<X509_ALGOR>?
        guard X509_PUBKEY_get0_param(&name, &bytes, &count, &identifier, info) == 1 else { return nil }
        algorithm = Self.algorithm(name, identifier)
        key = Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    private static func algorithm(_ name: OpaquePointer?, _ identifier: UnsafePointer<X509_ALGOR>?) -> Algorithm {
        switch OBJ_obj2nid(name) {
        case NID_rsaEncryption: return .rsa
        case NID_rsassaPss: return .rsaPSS
        case NID_ED25519: return .ed25519
        case NID_X9_62_id_ecPublicKey:
            var kind: CInt = 0
            var parameter: UnsafeRawPointer?
            X509_ALGOR_get0(nil, &kind, &parameter, identifier)
            guard kind == V_ASN1_OBJECT, let parameter else { return .ecWithoutCurveName }
            switch OBJ_obj2nid(OpaquePointer(parameter)) {
            case NID_X9_62_prime256v1: return .ec(.p256)
            case NID_secp384r1: return .ec(.p384)
            case NID_secp521r1: return .ec(.p521)
            default: return .ecOnOtherCurve
            }
        default: return .other
        }
    }
}

/// The numbers of an RSA key, as PKCS #1 has them written (RFC 8017, section A.1.1).
public struct RSAPublicNumbers: Sendable {
    /// The most significant byte first, likewise the exponent's.
    public let modulus: [UInt8]
    public let exponent: [UInt8]

    /// nil when the bytes are anything but one RSAPublicKey in DER.
    public init?(der: [UInt8]) {
        defer { ERR_clear_error() }
        guard let key = DER.decoded(der, { d2i_RSAPublicKey(nil, $0, $1) }) else { return nil }
        defer { RSA_free(key) }
        guard DER.encoded({ i2d_RSAPublicKey(key, $0) }) == der else { return nil }
        modulus = Self.bytes(of: RSA_get0_n(key))
        exponent = Self.bytes(of: RSA_get0_e(key))
    }

    private static func bytes(of number: OpaquePointer?) -> [UInt8] {
        let count = Int(BN_num_bits(number) + 7) / 8
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, written in
            written = Int(BN_bn2bin(number, bytes.baseAddress))
        }
    }
}
