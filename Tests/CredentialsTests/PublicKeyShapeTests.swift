import ConfigurationFile
import Foundation
import Testing

@testable import Credentials

/// Public keys as they are found in files. OpenSSL reads each of these shapes, which every test asks it.
@Suite struct PublicKeyShapeTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    enum Shape: String, CaseIterable {
        case oneLine, of48Columns, of76Columns, of1Column, byteOrderMark, textAround, trailingSpaces, carriageReturns
        case noLastLineEnd, spacesInside, blankLineFirst, certificateBehind, allAtOnce

        func applied(to pem: String) -> String {
            switch self {
            case .oneLine: Self.wrapped(pem, columns: .max)
            case .of48Columns: Self.wrapped(pem, columns: 48)
            case .of76Columns: Self.wrapped(pem, columns: 76)
            case .of1Column: Self.wrapped(pem, columns: 1)
            case .byteOrderMark: "\u{FEFF}" + pem
            case .textAround: "Bag Attributes\n    friendlyName: -----key-----\n\n\(pem)\n\nThe key ends here.\n"
            case .trailingSpaces: pem.replacing("\n", with: " \t \n") + "  "
            case .carriageReturns: pem.replacing("\n", with: "\r\n")
            case .noLastLineEnd: pem
            case .spacesInside: Self.wrapped(pem, columns: 48).replacing("M", with: "M ", maxReplacements: 1)
            case .blankLineFirst: pem.replacing("KEY-----\n", with: "KEY-----\n\n", maxReplacements: 1)
            case .certificateBehind: pem + "\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
            case .allAtOnce:
                Self.carriageReturns.applied(
                    to: Self.byteOrderMark.applied(
                        to: Self.textAround.applied(
                            to: Self.trailingSpaces.applied(to: Self.of76Columns.applied(to: pem)))
                    ))
            }
        }

        /// The key with its base64 in lines of that many columns.
        private static func wrapped(_ pem: String, columns: Int) -> String {
            let lines = pem.split(separator: "\n").map(String.init)
            var base64 = lines.dropFirst().dropLast().joined()[...]
            var wrapped = [lines[0]]
            while !base64.isEmpty {
                wrapped.append(String(base64.prefix(columns)))
                base64 = base64.dropFirst(columns)
            }
            return (wrapped + [lines[lines.count - 1], ""]).joined(separator: "\n")
        }
    }

    @Test(
        "Every shape is read that OpenSSL reads", arguments: Shape.allCases, [SignatureAlgorithm.rs256, .es512, .edDSA])
    func shapes(shape: Shape, algorithm: SignatureAlgorithm) throws {
        try expectRead(shape.applied(to: site.keys.pem(algorithm)), as: algorithm)
    }

    @Test(
        "A point is read in each of its forms", arguments: [SignatureAlgorithm.es256, .es384, .es512],
        ["compressed", "hybrid", "uncompressed"])
    func points(algorithm: SignatureAlgorithm, form: String) throws {
        let pem = try OpenSSL.run(
            "ec", "-pubin", "-conv_form", form, "-pubout", input: Data(site.keys.pem(algorithm).utf8))
        #expect((String(decoding: pem, as: UTF8.self) == site.keys.pem(algorithm) + "\n") == (form == "uncompressed"))
        try expectRead(String(decoding: pem, as: UTF8.self), as: algorithm)
    }

    @Test("A hybrid point whose two parts disagree is refused, as OpenSSL refuses it")
    func inconsistentPoint() throws {
        let hybrid = try OpenSSL.run(
            "ec", "-pubin", "-conv_form", "hybrid", "-pubout", "-outform", "DER",
            input: Data(site.keys.pem(.es256).utf8))
        let place = hybrid.index(hybrid.endIndex, offsetBy: -65)
        var wrong = hybrid
        wrong[place] ^= 1
        #expect([6, 7].contains(hybrid[place]))
        let pem = "-----BEGIN PUBLIC KEY-----\n\(wrong.base64EncodedString())\n-----END PUBLIC KEY-----\n"
        #expect(try message(pem, .es256)?.contains("is no key that the cryptographic library accepts") == true)
        #expect(!OpenSSL.readsPublicKey(site.path("public.pem")))
    }

    @Test("A curve that is written out is named, and the advice helps")
    func explicitCurve() throws {
        let pem = try OpenSSL.run(
            "ec", "-pubin", "-param_enc", "explicit", "-pubout", input: Data(site.keys.pem(.es256).utf8))
        let text = String(decoding: pem, as: UTF8.self)
        let message = try message(text, .es256)
        #expect(message?.contains("curve written out") == true)
        #expect(message?.hasSuffix("openssl pkey -pubin -in KEY -ec_param_enc named_curve") == true)
        let advised = try OpenSSL.run("pkey", "-pubin", "-ec_param_enc", "named_curve", input: pem)
        try expectRead(String(decoding: advised, as: UTF8.self), as: .es256)
    }

    @Test("A key that is for RSA-PSS alone is named, and not taken for RS256")
    func rsaPSS() throws {
        for restriction in [[], ["-pkeyopt", "rsa_pss_keygen_md:sha256"]] {
            let key = try OpenSSL.run(["genpkey", "-algorithm", "RSA-PSS"] + restriction)
            let text = String(decoding: try OpenSSL.run("pkey", "-pubout", input: key), as: UTF8.self)
            #expect(try message(text, .rs256)?.contains("RSA-PSS (id-RSASSA-PSS)") == true)
            #expect(OpenSSL.readsPublicKey(site.path("public.pem")))
        }
    }

    @Test(
        "A key of no use is named",
        arguments: [
            (["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], "is on a curve of no use"),
            (["ED448"], "kind of no use"),
            (["X25519"], "kind of no use"),
        ])
    func otherKinds(kind: [String], words: String) throws {
        let key = try OpenSSL.run(["genpkey", "-algorithm"] + kind)
        let text = String(decoding: try OpenSSL.run("pkey", "-pubout", input: key), as: UTF8.self)
        let message = try message(text, .rs256)
        #expect(message?.contains(words) == true)
        #expect(message?.contains("Keys are RSA of 2048 bits or more, EC on P-256") == true)
        #expect(OpenSSL.readsPublicKey(site.path("public.pem")))
    }

    @Test("A certificate, also OpenSSL's trusted kind, is told how to become a key, and the advice helps")
    func certificates() throws {
        let key = try site.file("key.pem", site.keys.rsa.pem)
        let certificate = try OpenSSL.run("req", "-x509", "-new", "-key", key.path, "-subj", "/CN=test")
        let trusted = try OpenSSL.run("x509", "-trustout", input: certificate)
        for each in [certificate, trusted] {
            let message = try message(String(decoding: each, as: UTF8.self), .rs256)
            #expect(message?.contains("holds a certificate where a public key belongs") == true)
            #expect(message?.hasSuffix("openssl x509 -in CERTIFICATE -pubkey -noout") == true)
            for advised in [["-noout"], []] {
                let pem = try OpenSSL.run("x509", "-pubkey", advised.first ?? "-text", input: each)
                try expectRead(String(decoding: pem, as: UTF8.self), as: .rs256)
            }
        }
    }

    @Test("What is no PEM is named, and the advice for DER helps")
    func otherFiles() throws {
        let der = try OpenSSL.run("pkey", "-pubin", "-outform", "DER", input: Data(site.keys.pem(.rs256).utf8))
        #expect(try message(der, .rs256)?.hasSuffix("openssl pkey -pubin -inform DER -in KEY") == true)
        let advised = try OpenSSL.run("pkey", "-pubin", "-inform", "DER", input: der)
        try expectRead(String(decoding: advised, as: UTF8.self), as: .rs256)
        let utf16 = Data([0xFF, 0xFE]) + Data(site.keys.pem(.rs256).utf8.flatMap { [$0, 0] })
        #expect(try message(utf16, .rs256)?.contains("it is UTF-16") == true)
        #expect(try message("ssh-ed25519 AAAA user@host\n", .edDSA)?.contains("ssh-keygen -e -m PKCS8") == true)
        #expect(try message(site.keys.jwk(.rs256), .rs256)?.contains("Name a JWKS under jwks") == true)
    }

    @Test(
        "Base64 that is broken or cut off is refused, as OpenSSL refuses it",
        arguments: [
            "MCowBQYDK2VwAyEA", "MCowBQYDK2VwAyEA=", "MCow*QYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "====",
        ])
    func brokenBase64(text: String) throws {
        for end in ["\n-----END PUBLIC KEY-----\n", "\n", "\n-----END RSA PUBLIC KEY-----\n"] {
            let pem = "-----BEGIN PUBLIC KEY-----\n\(text)\(end)"
            #expect(try message(pem, .edDSA) != nil)
            #expect(!OpenSSL.readsPublicKey(site.path("public.pem")))
        }
    }

    @Test("A key with the ROCA weakness is named, in PEM and in a JWKS, and others are not")
    func roca() throws {
        let modulus = Self.rocaModulus(offset: 0)
        #expect(try message(Self.pem(modulus: modulus), .rs256)?.contains("ROCA (CVE-2017-15361)") == true)
        let weak = #"{"kty":"RSA","kid":"weak","n":"\#(TokenText.base64URL(modulus))","e":"AQAB"}"#
        let jwks = try site.jwks(weak, site.keys.jwk(.rs256, members: #""kid":"k""#))
        let credentials = try site.credentials(JWTConfiguration(jwks: jwks, algorithms: [.rs256]))
        #expect(
            credentials.warnings.map { $0.message.contains("number 1, that is not used: it has the weakness ROCA") }
                == [true])
        // No keys, since such numbers have small factors; but almost with the mark.
        for offset in 1...40 { #expect(!ROCA.fits(Self.rocaModulus(offset: offset))) }
    }

    /// A number of about 2,150 bits that is a power of 65537 modulo the product of the first 126 primes, as moduli of
    /// that size are that the weak library made; with an offset it is none, and odd all the same.
    private static func rocaModulus(offset: Int) -> [UInt8] {
        let primes = (2...701).filter { candidate in !(2..<candidate).contains { candidate.isMultiple(of: $0) } }
        #expect(primes.count == 126)
        let product = primes.reduce([1]) { multiplied($0, by: $1) }
        let multiple = (0..<74).reduce(product) { number, _ in multiplied(number, by: 65535) }
        let power = (0..<60).reduce([1]) { number, _ in multiplied(number, by: 65537) }
        var sum = multiplied(multiple, by: 2)
        var carry = 2 * offset
        for index in sum.indices {
            carry += sum[index] + (index < power.count ? power[index] : 0)
            sum[index] = carry & 0xFF
            carry >>= 8
        }
        return sum.reversed().map { UInt8($0) }
    }

    /// An RSA key in PEM whose exponent is 65537, written byte by byte.
    private static func pem(modulus: [UInt8]) -> String {
        let sign: [UInt8] = modulus[0] < 0x80 ? [] : [0]
        let numbers = der(0x30, der(0x02, sign, modulus), der(0x02, [1, 0, 1]))
        let algorithm: [UInt8] = der(0x30, [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1], [0x05, 0])
        let base64 = Data(der(0x30, algorithm, der(0x03, [0], numbers))).base64EncodedString()
        return "-----BEGIN PUBLIC KEY-----\n\(base64)\n-----END PUBLIC KEY-----\n"
    }

    /// A value of ASN.1 in DER. Here each is shorter than 128 bytes or longer than 255.
    private static func der(_ tag: UInt8, _ contents: [UInt8]...) -> [UInt8] {
        let contents = contents.flatMap { $0 }
        let length =
            contents.count < 0x80
            ? [UInt8(contents.count)] : [0x82, UInt8(contents.count >> 8), UInt8(contents.count & 0xFF)]
        return [tag] + length + contents
    }

    /// The product, in bytes of which the least significant comes first.
    private static func multiplied(_ number: [Int], by factor: Int) -> [Int] {
        var product: [Int] = []
        var carry = 0
        for digit in number {
            carry += digit * factor
            product.append(carry & 0xFF)
            carry >>= 8
        }
        while carry > 0 {
            product.append(carry & 0xFF)
            carry >>= 8
        }
        return product
    }

    /// Expects that OpenSSL reads the file, and that a token by the key's owner verifies with it.
    private func expectRead(_ pem: String, as algorithm: SignatureAlgorithm) throws {
        let file = try site.file("public.pem", pem)
        #expect(OpenSSL.readsPublicKey(file.path))
        let credentials = try site.credentials(JWTConfiguration(publicKey: file, algorithms: [algorithm]))
        let signer = site.keys.signer(algorithm)
        let header = #"{"alg":"\#(algorithm.rawValue)"}"#
        #expect(credentials.passes(try TokenText.signed(header: header, claims: "{}", by: signer)))
    }

    /// What is said of the file where it cannot be used.
    private func message(_ contents: some Sequence<UInt8>, _ algorithm: SignatureAlgorithm) throws -> String? {
        let file = try site.file("public.pem", contents)
        return site.error(JWTConfiguration(publicKey: file, algorithms: [algorithm]))?.message
    }

    private func message(_ pem: String, _ algorithm: SignatureAlgorithm) throws -> String? {
        try message(pem.utf8, algorithm)
    }
}
