import CCrypto

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
