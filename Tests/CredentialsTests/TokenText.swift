import Foundation

/// Tokens written part by part, so that each part may be wrong.
enum TokenText {
    /// With Foundation's base64, which the module under test does not use.
    static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// A token whose signature verifies, whatever header and claims say.
    static func signed(header: String, claims: String, by signer: TestSigner) throws -> String {
        try signed(parts: base64URL(header.utf8) + "." + base64URL(claims.utf8), by: signer)
    }

    /// The same for header and claims that are encoded already.
    static func signed(parts: String, by signer: TestSigner) throws -> String {
        parts + "." + base64URL(try signer.sign(Array(parts.utf8)))
    }
}
