import CCrypto
import Foundation

/// Makes tokens by hand, so that the tests do not trust the code that they test.
enum Tokens {
    static func hs256(secret: String, claims: String = #"{"sub":"reader"}"#, header: String = #"{"alg":"HS256"}"#)
        -> String
    {
        let signed = "\(base64URL(Data(header.utf8))).\(base64URL(Data(claims.utf8)))"
        return "\(signed).\(base64URL(hmac(secret: Array(secret.utf8), message: Array(signed.utf8))))"
    }

    /// Of libcrypto's own, which the programs do not use.
    private static func hmac(secret: [UInt8], message: [UInt8]) -> Data {
        var code = [UInt8](repeating: 0, count: 32)
        let result = EVP_Q_mac(
            nil, "HMAC", nil, "SHA256", nil, secret, secret.count, message, message.count, &code, code.count, nil)
        precondition(result != nil, "libcrypto makes no HMAC")
        return Data(code)
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
