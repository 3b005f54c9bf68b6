import Foundation
import Testing

extension IntegrationTests {
    /// Requests that Schemathesis makes from docs/openapi.yaml, and its checks of the answers: openapi.py.
    @Suite("What docs/openapi.yaml describes")
    struct OpenAPITests {
        private static let outcomes = ["graph/1#1,graph/1#2", "graph/1#1,graph/1#3"]
        /// Without sessions: a token is what a request is let in by.
        private static let sites = """
              default:
                origins: [https://www.example.com]
                jwt:
                  secret: jwt.secret
                  algorithms: [HS256]
            rules: rules.yaml
            """

        @Test("every answer to what it allows, to what it forbids and to other methods is as it says")
        func everyAnswer() async throws {
            let deployment = try Deployment(sites: Self.sites)
            try deployment.write(
                try String(
                    contentsOf: Executables.repository.appendingPathComponent("docs/rules.example.yaml"),
                    encoding: .utf8), to: "rules.yaml")
            try await deployment.start()
            let token = Tokens.hs256(secret: deployment.secret)
            try await sendTraffic(to: deployment, token)
            // First of the two, so that the reports have ids of every kind in them.
            let recording = try await check(
                "recording", of: deployment, at: "http://127.0.0.1:\(deployment.port)", token)
            // Four operations, of which two have dry runs too.
            #expect(recording.hasSuffix("\n6 in all\n"), "\(recording)")
            _ = try await deployment.counts()
            let analytics = try await check("analytics", of: deployment, at: deployment.path("analytics.sock"), token)
            // Ten operations, of which four answer in three forms.
            #expect(analytics.hasSuffix("\n22 in all\n"), "\(analytics)")
        }

        /// Exposures and conversions under the outcomes of the example's group, a visitor who met both, and a refusal.
        private func sendTraffic(to deployment: Deployment, _ token: String) async throws {
            for number in 0..<20 {
                let request = ConversionRequest(
                    cookie: "blaize_tracking_id=visitor-\(number)", headers: [("Authorization", "Bearer \(token)")],
                    body: ConversionRequest.body(outcome: Self.outcomes[number % 2], conversion: "CUSTOMER"))
                let exposure = request.with { $0.path = "/zephr/public/rule-outcomes/v1/exposures" }
                #expect(try await deployment.send(exposure).status == 201)
                if number % 3 == 0 { #expect(try await deployment.send(request).status == 201) }
                if number == 0 {
                    let other = exposure.with { $0.body = ConversionRequest.body(outcome: Self.outcomes[1]) }
                    #expect(try await deployment.send(other).status == 201)
                    #expect(try await deployment.send(request.with { $0.headers = [] }).status == 401)
                }
            }
            #expect(
                try await deployment.counts().map(\.conversion) == ["CUSTOMER", "REGISTERED", "CUSTOMER", "REGISTERED"])
        }

        /// Runs openapi.py, in the environment that `make test` has made for it, and returns what it prints.
        private func check(
            _ interface: String, of deployment: Deployment, at place: String, _ token: String
        ) async throws -> String {
            let description = Executables.repository.appendingPathComponent("docs/openapi.yaml").path
            let check = try await Executables.runPython(
                "openapi.py", [interface, deployment.path("openapi"), description, place],
                environment: ["TOKEN": token, "HYPOTHESIS_STORAGE_DIRECTORY": deployment.path("hypothesis")])
            let text = check.text.replacing(token, with: "[token]")
            #expect(check.status == 0, "\(text)")
            return text
        }
    }
}
