import FastCGI
import Foundation
import Testing

@testable import Responder

@Suite("Dry runs")
struct DryRunTests {
    /// What a dry run is answered.
    private struct Told: Decodable, Equatable {
        struct Event: Decodable, Equatable {
            let kind: String
            let ruleId: String
            let outcomeId: String
            let conversion: String?
        }

        let dryRun: Bool
        let recorded: Bool
        let site: String
        let credential: String?
        let wouldRecord: [Event]
        let notes: [String]
    }

    private static func dry(_ request: TestRequest = TestRequest()) -> TestRequest {
        request.with("HTTP_X_RULE_OUTCOMES_DRY_RUN", "1")
    }

    private static func told(_ answer: Response) throws -> Told {
        try JSONDecoder().decode(Told.self, from: Data(answer.body.utf8))
    }

    @Test("a request with nothing wrong is a 200 that says what would have been recorded, and nothing is")
    func conversion() async throws {
        let endpoint = try TestEndpoint()
        let answer = await endpoint.answer(to: Self.dry().with(member: "conversion", #""say \"ä\\b\"""#))
        #expect(answer.status == 200)
        #expect(answer.all("Content-Type") == ["application/json"])
        #expect(answer.all("Content-Length") == ["\(answer.body.utf8.count)"])
        #expect(answer.all("Cache-Control") == ["no-store"])
        #expect(answer.header("Access-Control-Allow-Origin") == TestRequest.origin)
        let event = Told.Event(
            kind: "conversion", ruleId: "article-22", outcomeId: "graph/1#1", conversion: #"say "ä\b""#)
        #expect(
            try Self.told(answer)
                == Told(
                    dryRun: true, recorded: false, site: "default", credential: "bearer", wouldRecord: [event],
                    notes: []))
        #expect(endpoint.records.isEmpty)
    }

    @Test("what is evidently a mistake would be counted, and is told once for each field")
    func mistakes() async throws {
        let body =
            ##"[{"ruleId": "{{ruleId}}", "outcomeId": "b"}, {"ruleId": "{{ruleId}}", "outcomeId": "undefined"}]"##
        let request = Self.dry().with("DOCUMENT_URI", "/zephr/public/rule-outcomes/v1/exposures").with(body: body)
        let told = try Self.told(await TestEndpoint().answer(to: request))
        #expect(told.wouldRecord.map(\.ruleId) == ["{{ruleId}}", "{{ruleId}}"])
        #expect(
            told.notes == [
                "ruleId is evidently a mistake, and would be counted all the same: a template that nobody filled in",
                "outcomeId is evidently a mistake, and would be counted all the same: undefined, as of a variable of a "
                    + "script that was never set",
            ])
    }

    @Test("an array of exposures is told whole")
    func exposures() async throws {
        let body =
            #"[{"ruleId": "a", "outcomeId": "b"}, {"ruleId": "c", "outcomeId": "d"}, {"ruleId": "a", "outcomeId": "b"}]"#
        let request = Self.dry().with("DOCUMENT_URI", "/zephr/public/rule-outcomes/v1/exposures").with(body: body)
        let endpoint = try TestEndpoint()
        let told = try Self.told(await endpoint.answer(to: request))
        #expect(told.wouldRecord.map(\.kind) == ["exposure", "exposure", "exposure"])
        #expect(told.wouldRecord.map(\.ruleId) == ["a", "c", "a"])
        #expect(told.notes.count == 1)
        #expect(told.notes.first?.contains("1 came before in the same array") == true)
        #expect(endpoint.records.isEmpty)
        #expect(endpoint.kinds.map(\.reason) == ["dry-run"])
    }

    @Test(
        "it goes by whatever is written but 0",
        arguments: [("1", 200), (" 1 ", 200), ("true", 200), ("0", 201), ("", 201)])
    func asked(value: String, status: Int) async throws {
        let request = TestRequest().with("HTTP_X_RULE_OUTCOMES_DRY_RUN", value)
        #expect(try await TestEndpoint().answer(to: request).status == status)
    }

    @Test("a fault is answered as without it, and nothing is recorded", arguments: Fault.allCases)
    func faults(_ fault: Fault) async throws {
        let dry = try await Fault.meet([fault], in: Self.dry())
        let plain = try await Fault.meet([fault])
        #expect(dry.answer == plain.answer)
        #expect(dry.endpoint.records.isEmpty)
        #expect(dry.endpoint.kinds.map(\.status) == [200])
        let reason = try #require(dry.endpoint.kinds.first?.reason)
        #expect(dry.endpoint.kinds.count == 1 && reason.hasPrefix("dry-run:"))
        #expect(dry.endpoint.kinds.allSatisfy { $0.outcome == nil })
    }

    @Test(
        "what is right and yet deserves a word is told",
        arguments: [
            (
                dry().with("HTTP_COOKIE", "blaize_tracking_id=a; blaize_tracking_id=b"),
                "came 2 times, of which the first counts"
            ),
            (dry().with("REQUEST_ID", ""), "no REQUEST_ID"),
            (dry().adding("HTTP_AUTHORIZATION", "Basic a"), "an Authorization header came, but without a Bearer token"),
            (dry().adding("HTTP_COOKIE", "blaize_session=a"), "a session cookie came, but nginx asked nobody"),
        ])
    func notes(_ request: TestRequest, note: String) async throws {
        let told = try Self.told(try await TestEndpoint().answer(to: request))
        #expect(told.notes.count == 1)
        #expect(told.notes.first?.contains(note) == true)
    }

    @Test("a request that needs no credential and has none says so")
    func noCredential() async throws {
        let endpoint = try TestEndpoint { $0.credentialsRequired = .never }
        let told = try Self.told(await endpoint.answer(to: Self.dry().bare))
        #expect(told.credential == nil)
        #expect(told.notes == ["no credential is presented, and none is required here"])
    }

    @Test("it holds neither tracking id nor credential")
    func nothingPrivate() async throws {
        let answer = try await TestEndpoint().answer(to: Self.dry().presenting("session7a1e", as: .query))
        #expect(answer.status == 200)
        for secret in [TestRequest.trackingID, TestTokens.good, "session7a1e"] {
            #expect(!answer.body.contains(secret))
        }
    }

    @Test("an aggregator takes its tally, however long nginx's reason for an exclusion is")
    func tally() async throws {
        let endpoint = try TestEndpoint()
        for reason in ["bot", String(repeating: "x", count: 32)] {
            _ = await endpoint.answer(to: Self.dry().with("RULE_OUTCOMES_EXCLUDE", reason))
        }
        #expect(endpoint.kinds.map(\.reason) == ["dry-run:excluded", "dry-run:excluded"])
    }
}
