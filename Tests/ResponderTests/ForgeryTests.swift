import ConfigurationFile
import Cryptography
import Foundation
import Testing

@testable import Responder

/// Tokens that nobody with the secret has made, or that are refused whoever has made them.
enum Forgeries {
    /// Those of every kind, each once, without the characters that end a value in one of the places.
    static let all: [String] = {
        var seen: Set<String> = [TestTokens.good]
        return (changed + cut + renamed + refusedHeaders + refusedClaims + odd).filter { seen.insert($0).inserted }
    }()

    private static let parts = TestTokens.good.split(separator: ".").map(String.init)

    /// A good token of which one character is another.
    private static let changed = TestTokens.good.indices.map { place in
        let character = TestTokens.good[place]
        let other: Character = character == "A" ? "B" : character == "." ? "-" : "A"
        return TestTokens.good.replacingCharacters(in: place...place, with: String(other))
    }

    /// The beginnings of a good token.
    private static let cut = stride(from: 1, to: TestTokens.good.count, by: 4).map {
        String(TestTokens.good.prefix($0))
    }

    /// Headers that name another algorithm, over a signature that is good, empty, or anything.
    private static let renamed = [
        "none", "None", "NONE", "nOnE", "", "HS257", "hs256", "HS256 ", "RS256", "ES256", "PS256", "EdDSA", "HS384",
        "HS512",
    ].flatMap { name in
        let header = encoded(#"{"alg":"\#(name)","typ":"JWT"}"#)
        return ["", "AA", parts[2]].map { "\(header).\(parts[1]).\($0)" }
    }

    /// Headers that are refused although the signature over them is good.
    private static let refusedHeaders = [
        #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":"HS256","crit":[]}"#, #"{"alg":"HS256","b64":false}"#,
        #"{"alg":"HS256","b64":true}"#, #"{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}"#,
        #"{"alg":"HS256","jku":"https://evil.example"}"#, #"{"alg":"HS256","x5u":"https://evil.example"}"#,
        #"{"alg":"HS256","x5c":[]}"#, #"{"alg":"HS256","alg":"HS256"}"#, #"{"alg":"none","alg":"HS256"}"#,
        #"{"alg":"HS256","kid":7}"#, #"{"alg":["HS256"]}"#, #"{"typ":"JWT"}"#, "{}", "[]", "null", "HS256", "",
        #"{"alg":"HS256"} x"#, #"{"alg":"HS256","a":"\u0000"}"#,
    ].map { signed(encoded($0) + "." + parts[1]) }

    /// Claims that are refused although the signature over them is good.
    private static let refusedClaims = [
        #"{"exp":1}"#, #"{"exp":"9999999999"}"#, #"{"exp":null}"#, #"{"exp":1e999}"#, #"{"nbf":99999999999}"#,
        #"{"iat":99999999999}"#, #"{"exp":99999999999,"exp":99999999999}"#, "[]", "null", "", "{", #"{"sub":"\ud800"}"#,
    ].map { signed(parts[0] + "." + encoded($0)) }

    private static let odd = [
        TestTokens.other, TestTokens.expired, TestTokens.unsigned, "x", ".", "..", "...", "a.b.c",
        "\(TestTokens.good).",
        ".\(TestTokens.good)", "\(TestTokens.good).\(parts[2])", "\(TestTokens.good)=", "\(TestTokens.good)A",
        "A\(TestTokens.good)", "\(parts[1]).\(parts[0]).\(parts[2])", "\(parts[0])..\(parts[2])",
        ".\(parts[1]).\(parts[2])",
        "\(parts[0]).\(parts[1])/\(parts[2])", "\(parts[0]).\(parts[1]).\(parts[2].replacing("_", with: "/"))/",
        "\(TestTokens.good.lowercased())", "\(TestTokens.good.uppercased())", "bearer.\(TestTokens.good)",
        String(repeating: "a", count: 9000), String(repeating: "a.", count: 4000) + "a",
    ]

    private static func encoded(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    private static func signed(_ parts: String) -> String {
        let code = Array(parts.utf8).withUnsafeBytes { message in
            HMAC(.sha256, key: Array(TestTokens.secret.utf8)).code(of: message)
        }
        return parts + "." + encoded(bytes: code)
    }

    private static func encoded(bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

@Suite("Two hundred forged tokens, in every place")
struct ForgeryTests {
    private static let places = CredentialScheme.allCases.filter { $0 != .session }

    @Test("they are as many, and a good token passes in each of the places", arguments: places)
    func control(_ place: CredentialScheme) async throws {
        #expect(Forgeries.all.count >= 200)
        let request = TestRequest().bare.presenting(TestTokens.good, as: place)
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    @Test("alone, and beside two others that are bad, each is a 401 and no record", arguments: places)
    func alone(_ place: CredentialScheme) async throws {
        let endpoint = try TestEndpoint()
        let others = Self.places.filter { $0 != place }
        for forgery in Forgeries.all {
            let alone = TestRequest().bare.presenting(forgery, as: place)
            #expect(await endpoint.answer(to: alone).status == 401, "\(forgery)")
            let beside = alone.presenting(TestTokens.expired, as: others[0]).presenting(TestTokens.other, as: others[1])
            #expect(await endpoint.answer(to: beside).status == 401, "\(forgery)")
            let withSession = alone.presenting(TestTokens.expired, as: .session)
            #expect(await endpoint.answer(to: withSession).status == 401, "\(forgery)")
        }
        #expect(endpoint.records.isEmpty)
    }

    @Test("beside a good one, in whichever place that is, each is passed over", arguments: places)
    func besideGood(_ place: CredentialScheme) async throws {
        let endpoint = try TestEndpoint()
        for (index, forgery) in Forgeries.all.enumerated() {
            // A session is good as well.
            for other in CredentialScheme.allCases where other != place {
                let request = TestRequest().bare.presenting(forgery, as: place).presenting(TestTokens.good, as: other)
                #expect(await endpoint.answer(to: request).status == 201, "\(forgery) beside \(other)")
            }
            #expect(endpoint.records.count == (index + 1) * (CredentialScheme.allCases.count - 1))
        }
    }
}
