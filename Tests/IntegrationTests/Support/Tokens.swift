import Crypto
import Foundation

/// Makes tokens by hand, so that the tests do not trust the code that they test.
enum Tokens {
    static func hs256(secret: String, claims: String = #"{"sub":"reader"}"#, header: String = #"{"alg":"HS256"}"#)
        -> String
    {
        let signed = "\(base64URL(Data(header.utf8))).\(base64URL(Data(claims.utf8)))"
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(signed.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return "\(signed).\(base64URL(Data(code)))"
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
