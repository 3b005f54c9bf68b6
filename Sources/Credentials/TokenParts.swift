/// The three parts of a compact JWS, still in base64url.
struct TokenParts {
    let header: ArraySlice<UInt8>
    let claims: ArraySlice<UInt8>
    let signature: ArraySlice<UInt8>
    /// What the signature is over: header, dot and claims as they stand.
    let signed: ArraySlice<UInt8>

    init(_ token: [UInt8]) throws(CredentialFault) {
        let dot = UInt8(ascii: ".")
        guard let first = token.firstIndex(of: dot), let second = token[(first + 1)...].firstIndex(of: dot),
            !token[(second + 1)...].contains(dot)
        else {
            throw .notThreeParts
        }
        header = token[..<first]
        claims = token[(first + 1)..<second]
        signature = token[(second + 1)...]
        signed = token[..<second]
    }
}
