import ConfigurationFile
import FastCGI
import Testing

@testable import Responder

@Suite("Credentials that are repeated")
struct RepeatedCredentialTests {
    private static let bare = TestRequest().bare

    /// A header that carries tokens, how it writes one, and what later versions of nginx join repeated ones with.
    private static let places = [
        (name: "HTTP_AUTHORIZATION", prefix: "Bearer ", joint: ", "), ("HTTP_AUTHORIZATION", "Bearer ", ","),
        ("HTTP_X_BLAIZE_JWT", "", ", "), ("HTTP_X_ZEPHR_JWT", "", ", "), ("HTTP_X_ZEPHR_JWT", "", ","),
        ("HTTP_COOKIE", "blaize_jwt=", "; "), ("QUERY_STRING", "jwt=", "&"),
    ]

    private static let orders = [[TestTokens.good, TestTokens.expired], [TestTokens.expired, TestTokens.good]]

    @Test("handed down as several parameters, each occurrence counts", arguments: places, orders)
    func severalParameters(_ place: (name: String, prefix: String, joint: String), _ tokens: [String]) async throws {
        let request = Self.bare.repeating(place.name, tokens.map { place.prefix + $0 })
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    @Test("joined into one parameter, each occurrence counts", arguments: places, orders)
    func joined(_ place: (name: String, prefix: String, joint: String), _ tokens: [String]) async throws {
        let request = Self.bare.adding(place.name, tokens.map { place.prefix + $0 }.joined(separator: place.joint))
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    @Test("a Bearer token counts beside another scheme's Authorization, joined or not")
    func besideBasic() async throws {
        let values = ["Basic dXNlcjpwYXNzd29yZA==", "Bearer \(TestTokens.good)"]
        for values in [values, values.reversed()] {
            let repeated = Self.bare.repeating("HTTP_AUTHORIZATION", values)
            #expect(try await TestEndpoint().answer(to: repeated).status == 201)
            let joined = Self.bare.adding("HTTP_AUTHORIZATION", values.joined(separator: ", "))
            #expect(try await TestEndpoint().answer(to: joined).status == 201)
        }
    }

    @Test("eight credentials are looked at, to the last", arguments: places)
    func eight(_ place: (name: String, prefix: String, joint: String)) async throws {
        let tokens = [String](repeating: TestTokens.expired, count: 7) + [TestTokens.good]
        let request = Self.bare.repeating(place.name, tokens.map { place.prefix + $0 })
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    @Test("nine are refused, although one verifies", arguments: places, [0, 8])
    func nine(_ place: (name: String, prefix: String, joint: String), goodIndex: Int) async throws {
        let tokens = (0..<9).map { place.prefix + ($0 == goodIndex ? TestTokens.good : TestTokens.expired) }
        let endpoint = try TestEndpoint()
        #expect(await endpoint.answer(to: Self.bare.repeating(place.name, tokens)).status == 400)
        let joined = Self.bare.adding(place.name, tokens.joined(separator: place.joint))
        #expect(await endpoint.answer(to: joined).status == 400)
        #expect(endpoint.records.isEmpty)
    }

    @Test("the count is over all places together, the session among them")
    func acrossPlaces() async throws {
        let six = CredentialScheme.allCases.reduce(Self.bare) { $0.presenting(TestTokens.expired, as: $1) }
        let eight = six.repeating("HTTP_X_ZEPHR_JWT", [TestTokens.expired, TestTokens.good])
        #expect(try await TestEndpoint().answer(to: eight).status == 201)
        let nine = eight.adding("HTTP_X_BLAIZE_JWT", TestTokens.good)
        #expect(try await TestEndpoint().answer(to: nine).status == 400)
        let withoutSession = nine.with("HTTP_COOKIE", TestRequest.trackingCookie)
        #expect(try await TestEndpoint().answer(to: withoutSession).status == 201)
    }

    @Test("three different tokens are verified, however often each comes, and a fourth is one too many")
    func different() async throws {
        let tokens = ["a.b.c", "d.e.f", "a.b.c", "d.e.f", TestTokens.good]
        let request = Self.bare.repeating("HTTP_X_ZEPHR_JWT", tokens)
        #expect(try await TestEndpoint().answer(to: request).status == 201)
        let four = Self.bare.repeating("HTTP_X_ZEPHR_JWT", tokens + ["g.h.i"])
        let answer = try await TestEndpoint().answer(to: four)
        #expect(answer.status == 400)
        #expect(answer.body.contains("more than 3 different tokens"))
    }

    @Test("what counts as not presented is not counted among the eight")
    func notPresented() async throws {
        let request = Self.bare.repeating("HTTP_X_ZEPHR_JWT", .init(repeating: TestTokens.good, count: 8))
            .repeating("HTTP_AUTHORIZATION", ["Basic a", "Bearer ", ""]).with("QUERY_STRING", "jwt=&jwt=")
        #expect(try await TestEndpoint().answer(to: request).status == 201)
    }

    /// What is found among these parameters.
    private static func search(
        _ parameters: [(name: String, value: String)],
        accepting accepted: Set<CredentialScheme> = Set(CredentialScheme.allCases)
    ) -> TokenSearch {
        let parameters = Parameters(parameters)
        defer { withExtendedLifetime(parameters) {} }
        let request = RequestParameters(parameters)
        return TokenSearch(request, CookieHeader(request.cookies), accepting: accepted)
    }

    @Test("of ten thousand tokens eight are copied and a ninth ends the search", arguments: places)
    func bounded(_ place: (name: String, prefix: String, joint: String)) {
        let many = Array(repeating: place.prefix + "a", count: 10_000).joined(separator: place.joint)
        let search = Self.search([(place.name, many), (place.name, many), ("HTTP_X_BLAIZE_JWT", many)])
        #expect(search.tokens.count == 8)
        #expect(search.placesCount == 9)
        #expect(search.hasTooMany)
    }

    @Test(
        "of ten thousand places that are empty or hold something else 64 are looked at",
        arguments: [
            ("HTTP_AUTHORIZATION", "a,"), ("HTTP_AUTHORIZATION", ","), ("HTTP_X_ZEPHR_JWT", ","),
            ("HTTP_COOKIE", "blaize_jwt=;"),
            ("QUERY_STRING", "jwt=&"),
        ])
    func boundedPlaces(name: String, text: String) async throws {
        let many = String(repeating: text, count: 10_000)
        let search = Self.search([(name, many), (name, many)])
        #expect(search.placesCount == TokenSearch.placesMax)
        #expect(search.tokens.isEmpty && search.hasTooMany)
        // They stand before all that is looked for later, so nothing is believed.
        let request = Self.bare.adding(name, String(repeating: text, count: 65)).adding(
            "HTTP_COOKIE", "blaize_session=s"
        )
        .with("SESSION_ANSWER", "verified")
        #expect(try await TestEndpoint().answer(to: request).status == 400)
    }

    @Test("tokens in a place that is not accepted are not copied, but for one that tells of them")
    func boundedUnaccepted() {
        let many = Array(repeating: "a", count: 60).joined(separator: ",")
        let search = Self.search([("HTTP_X_ZEPHR_JWT", many), ("QUERY_STRING", "jwt=b")], accepting: [.query])
        #expect(search.tokens.map(\.scheme) == [.zephrHeader, .query])
        #expect(!search.hasTooMany)
    }

    @Test("nine are refused where no credential is required, too")
    func nineOptional() async throws {
        let endpoint = try TestEndpoint { $0.credentialsRequired = .never }
        let request = Self.bare.repeating("HTTP_X_ZEPHR_JWT", .init(repeating: TestTokens.good, count: 9))
        #expect(await endpoint.answer(to: request).status == 400)
    }
}
