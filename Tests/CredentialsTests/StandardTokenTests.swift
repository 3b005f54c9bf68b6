import ConfigurationFile
import Credentials
import Testing

/// The tokens that the standards print, each with the key that is printed beside it.
@Suite("Tokens of RFC 7515 and RFC 7520")
struct StandardTokenTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    /// What becomes of a token.
    private enum Fate: Sendable {
        case passes
        /// The signature verifies; what it is over is a text, and no claims.
        case noClaims
        case refused
    }

    private struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let token: String
        let key: Key
        let fate: Fate
    }

    private enum Key: Sendable {
        /// In base64url.
        case secret(String)
        /// The members of a JWK.
        case jwk(String)
    }

    // MARK: RFC 7515

    private static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    /// A moment before the claims expire.
    private static let nowSeconds: Double = 1_300_819_000

    private static let rsa =
        #""kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2m"#
        + "JPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re"
        + "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF"
        + #"8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ""#
    private static let rsaSignature =
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr"
        + "7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
        + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0"
        + "igcN_IoypGlUPQGe77Rw"
    private static let p256 =
        #""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#
        + #""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#
    private static let p256Signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    private static let p521 =
        #""kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qU"#
        + #"xcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2""#

    private static let rfc7515 = [
        Example(
            testDescription: "A.1, HS256",
            token: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(claims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            key: .secret("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"),
            fate: .passes),
        Example(
            testDescription: "A.2, RS256", token: "eyJhbGciOiJSUzI1NiJ9.\(claims).\(rsaSignature)", key: .jwk(rsa),
            fate: .passes),
        Example(
            testDescription: "A.3, ES256", token: "eyJhbGciOiJFUzI1NiJ9.\(claims).\(p256Signature)", key: .jwk(p256),
            fate: .passes),
        Example(
            testDescription: "A.4, ES512",
            token:
                "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2"
                + "SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolL"
                + "zeO_Jn",
            key: .jwk(p521), fate: .noClaims),
        Example(
            testDescription: "A.5, without a signature", token: "eyJhbGciOiJub25lIn0.\(claims).", key: .jwk(rsa),
            fate: .refused),
        Example(
            testDescription: "A.6, as JSON",
            token: #"{"payload":"\#(claims)","signatures":[{"protected":"eyJhbGciOiJSUzI1NiJ9","header":"#
                + #"{"kid":"2010-12-29"},"signature":"\#(rsaSignature)"},{"protected":"eyJhbGciOiJFUzI1NiJ9","header":"#
                + #"{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},"signature":"\#(p256Signature)"}]}"#,
            key: .jwk(rsa), fate: .refused),
        Example(
            testDescription: "A.7, as flattened JSON",
            token: #"{"payload":"\#(claims)","protected":"eyJhbGciOiJFUzI1NiJ9","header":"#
                + #"{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},"signature":"\#(p256Signature)"}"#,
            key: .jwk(p256), fate: .refused),
    ]

    // MARK: RFC 7520

    private static let payload =
        "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW"
        + "5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9m"
        + "ZiB0by4"
    private static let bilbo = "ImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9"
    private static let secretHeader =
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9"
    private static let secretCode = "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0"
    private static let secret = Key.secret("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg")
    private static let bilbosRSA = Key.jwk(
        #""kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","e":"AQAB","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZ"#
            + "LwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6X"
            + "C0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzw"
            + "OHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw\""
    )
    private static let bilbosEC = Key.jwk(
        #""kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521","x":"AHKZLLOsCOzz5cY97ewNUajB957y-"#
            + #"C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34k"#
            + #"fmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1""#)

    private static let rfc7520 = [
        Example(
            testDescription: "4.1, RS256",
            token:
                "eyJhbGciOiJSUzI1NiIs\(bilbo).\(payload).MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFm"
                + "KZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD6"
                + "8BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U1"
                + "2podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
            key: bilbosRSA, fate: .noClaims),
        Example(
            testDescription: "4.2, PS384",
            token:
                "eyJhbGciOiJQUzM4NCIs\(bilbo).\(payload).cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2"
                + "IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8Zny"
                + "PEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2"
                + "_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw",
            key: bilbosRSA, fate: .refused),
        Example(
            testDescription: "4.3, ES512",
            token:
                "eyJhbGciOiJFUzUxMiIs\(bilbo).\(payload).AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvb"
                + "u9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGD"
                + "qoRuBomu9xQ2",
            key: bilbosEC, fate: .noClaims),
        Example(
            testDescription: "4.4, HS256", token: "\(secretHeader).\(payload).\(secretCode)", key: secret,
            fate: .noClaims),
        Example(
            testDescription: "4.5, detached", token: "\(secretHeader)..\(secretCode)", key: secret, fate: .refused),
        Example(
            testDescription: "4.5, detached, as JSON",
            token: #"{"protected":"\#(secretHeader)","signature":"\#(secretCode)"}"#, key: secret, fate: .refused),
        Example(
            testDescription: "4.6, a part of the header protected",
            token: #"{"payload":"\#(payload)","protected":"eyJhbGciOiJIUzI1NiJ9","header":"#
                + #"{"kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037"},"#
                + #""signature":"bWUSVaxorn7bEF1djytBd0kHv70Ly5pvbomzMWSOr20"}"#,
            key: secret, fate: .refused),
        Example(
            testDescription: "4.7, the content alone protected",
            token: #"{"payload":"\#(payload)","header":{"alg":"HS256","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037"},"#
                + #""signature":"xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk"}"#,
            key: secret, fate: .refused),
        Example(
            testDescription: "4.7, in three parts", token: ".\(payload).xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk",
            key: secret, fate: .refused),
        Example(
            testDescription: "4.8, several signatures",
            token: #"{"payload":"\#(payload)","signatures":[{"protected":"\#(secretHeader)","#
                + #""signature":"\#(secretCode)"}]}"#,
            key: secret, fate: .refused),
    ]

    @Test(
        "Each is taken as the standard says, or refused where it is none of the compact form",
        arguments: rfc7515 + rfc7520)
    private func example(_ example: Example) throws {
        let credentials = try credentials(example.key)
        let fault = credentials.fault(of: example.token, nowSeconds: Self.nowSeconds)
        switch example.fate {
        case .passes:
            #expect(credentials.passes(example.token, nowSeconds: Self.nowSeconds))
            #expect(credentials.fault(of: example.token, nowSeconds: Self.nowSeconds + 1000) == .expired)
        case .noClaims:
            guard case .claims? = fault else {
                Issue.record("\(String(describing: fault))")
                return
            }
        case .refused:
            #expect(fault != nil)
            if case .claims? = fault { Issue.record("its signature was believed") }
        }
    }

    /// A site that has nothing but that key, and allows all that it may be used for.
    private func credentials(_ key: Key) throws -> SiteCredentials {
        let algorithms = Set(SignatureAlgorithm.allCases)
        switch key {
        case .secret(let text):
            let file = try site.file("secret", TokenText.bytes(text) + [UInt8(ascii: "\n")])
            return try site.credentials(JWTConfiguration(secret: file, algorithms: [.hs256]))
        case .jwk(let members):
            let jwks = try site.jwks("{\(members)}")
            return try site.credentials(JWTConfiguration(jwks: jwks, algorithms: algorithms.filter { !$0.isOfSecret }))
        }
    }
}

extension SignatureAlgorithm {
    fileprivate var isOfSecret: Bool { rawValue.hasPrefix("HS") }
}
