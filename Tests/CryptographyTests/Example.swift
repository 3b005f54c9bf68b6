import Cryptography
import Foundation
import Testing

/// A signed message that an RFC gives, with the key.
struct Example: Sendable, CustomTestStringConvertible {
    /// The payload of RFC 7515's appendices A.1 to A.3, in base64url.
    static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    let testDescription: String
    let key: PublicKey?
    let hash: HashFunction?
    let message: [UInt8]
    let signature: [UInt8]

    static let all = [rs256, es256, es512, ed25519]

    /// RFC 7515, appendix A.2.
    static let rs256 = Example(
        testDescription: "RS256", key: PublicKey(modulus: bytes(modulus), exponent: bytes("AQAB")), hash: .sha256,
        message: Array("eyJhbGciOiJSUzI1NiJ9.\(claims)".utf8),
        signature: bytes(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
                + "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN"
                + "9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A"
                + "XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"))

    static let modulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
        + "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTB"
        + "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91"
        + "kzk2PAcDTW9gb54h4FRWyuXpoQ"

    /// RFC 7515, appendix A.3.
    static let es256 = Example(
        testDescription: "ES256", key: PublicKey(point: [4] + es256Point.x + es256Point.y, on: .p256), hash: .sha256,
        message: Array("eyJhbGciOiJFUzI1NiJ9.\(claims)".utf8),
        signature: bytes("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"))

    static let es256Point = (
        x: bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"), y: bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
    )

    /// RFC 7515, appendix A.4.
    static let es512 = Example(
        testDescription: "ES512",
        key: PublicKey(
            point: [4]
                + bytes(
                    "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk")
                + bytes(
                    "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"),
            on: .p521), hash: .sha512, message: Array("eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA".utf8),
        signature: bytes(
            "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgo"
                + "XD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"))

    /// RFC 8037, appendix A.4.
    static let ed25519 = Example(
        testDescription: "Ed25519", key: PublicKey(ed25519: bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
        hash: nil, message: Array("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8),
        signature: bytes("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"))
}

/// What base64url stands for.
func bytes(_ base64URL: String) -> [UInt8] {
    let base64 = base64URL.replacing("-", with: "+").replacing("_", with: "/")
    let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    return Data(base64Encoded: base64 + padding).map { Array($0) } ?? []
}
