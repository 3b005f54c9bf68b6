import ConfigurationFile
import Credentials
import Testing

@Suite("Signatures that were verified before, and signatures in other forms")
struct RememberedSignatureTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    private static let header = #"{"alg":"ES256"}"#

    private func credentials(_ algorithm: SignatureAlgorithm = .es256) throws -> SiteCredentials {
        let file = try site.file("public.pem", site.keys.pem(algorithm))
        return try site.credentials(JWTConfiguration(publicKey: file, algorithms: [algorithm]))
    }

    @Test("A token that is remembered expires all the same, and is refused before its time")
    func expiry() throws {
        let credentials = try credentials()
        let now = Int(TestSite.nowSeconds)
        let token = try TokenText.signed(
            header: Self.header, claims: #"{"nbf":\#(now - 100),"exp":\#(now + 100)}"#, by: site.keys.signer(.es256))
        for _ in 0..<2 { #expect(credentials.passes(token)) }
        let seconds = TestSite.nowSeconds
        for (moment, fault) in [
            (seconds + 159, nil), (seconds + 160, CredentialFault.expired), (seconds - 161, .notYetValid),
            (seconds, nil),
        ] {
            #expect(credentials.fault(of: token, nowSeconds: moment) == fault, "\(moment)")
        }
    }

    @Test("The same claims with another signature are not remembered, nor is that signature with other claims")
    func otherSignature() throws {
        let credentials = try credentials()
        let token = try TokenText.signed(header: Self.header, claims: #"{"sub":"a"}"#, by: site.keys.signer(.es256))
        #expect(credentials.passes(token))
        let parts = token.split(separator: ".").map(String.init)
        var signature = TokenText.bytes(parts[2])
        signature[63] ^= 1
        #expect(credentials.fault(of: "\(parts[0]).\(parts[1]).\(TokenText.base64URL(signature))") == .signature)
        let claims = TokenText.base64URL(#"{"sub":"b"}"#.utf8)
        #expect(credentials.fault(of: "\(parts[0]).\(claims).\(parts[2])") == .signature)
        #expect(credentials.passes(token))
    }

    /// FIPS 186-4, appendix D.1.2.3.
    private static let order: [UInt8] =
        [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8)
        + [0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51]

    @Test("The other signature that ECDSA has for the same numbers verifies by itself, as another token")
    func malleable() throws {
        let credentials = try credentials()
        let token = try TokenText.signed(header: Self.header, claims: "{}", by: site.keys.signer(.es256))
        let parts = token.split(separator: ".").map(String.init)
        let signature = TokenText.bytes(parts[2])
        var (negated, borrow) = ([UInt8](), 0)
        for place in (0..<32).reversed() {
            let difference = Int(Self.order[place]) - Int(signature[32 + place]) - borrow
            borrow = difference < 0 ? 1 : 0
            negated.insert(UInt8(difference & 0xFF), at: 0)
        }
        let other = "\(parts[0]).\(parts[1]).\(TokenText.base64URL(signature.prefix(32) + negated))"
        #expect(credentials.passes(token))
        let presented = PresentedCredentials(tokens: [.init(scheme: .bearer, text: other)])
        #expect(credentials.dearCheck(presented)?.verdict() == .passed(by: .bearer))
    }

    @Test(
        "A signature in DER is refused, whole, cut to the length of the right form, or filled up to it",
        arguments: [SignatureAlgorithm.es256, .es384, .es512])
    func der(algorithm: SignatureAlgorithm) throws {
        let credentials = try credentials(algorithm)
        let signed =
            TokenText.base64URL(#"{"alg":"\#(algorithm.rawValue)"}"#.utf8) + "." + TokenText.base64URL("{}".utf8)
        let signer = site.keys.signer(algorithm)
        let right = try signer.sign(Array(signed.utf8))
        let der = try signer.signDER(Array(signed.utf8))
        let size = right.count
        for wrong in [
            der, Array(der.prefix(size)), Array(der.suffix(size)), Array(der.prefix(size / 2) + right.suffix(size / 2)),
            Array(der.prefix(8)) + [UInt8](repeating: 0, count: size - 8),
            [UInt8](repeating: 0, count: size - 8) + Array(der.prefix(8)), [0] + right.dropLast(),
            right.dropFirst() + [0],
        ] {
            #expect(credentials.fault(of: signed + "." + TokenText.base64URL(wrong)) == .signature)
        }
        #expect(credentials.passes(signed + "." + TokenText.base64URL(right)))
    }
}
