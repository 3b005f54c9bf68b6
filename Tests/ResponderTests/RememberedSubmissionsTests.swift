import ConfigurationFile
import Records
import Testing

@testable import Responder

@Suite("Bodies that come again")
struct RememberedSubmissionsTests {
    private static let body = #"{"ruleId":"article-22","outcomeId":"graph/1#1","conversion":"REGISTERED"}"#

    @Test("are recorded and counted like the first, for each visitor")
    func again() async throws {
        let endpoint = try TestEndpoint()
        for visitor in 1...4 {
            let request = TestRequest().with(body: Self.body)
                .with("HTTP_COOKIE", "blaize_tracking_id=visitor-\(visitor)")
                .with("REQUEST_ID", "0000000000000000000000000000000\(visitor)")
            #expect(await endpoint.answer(to: request).status == 201)
        }
        #expect(Set(endpoint.records.map(\.id)).count == 4)
        #expect(Set(endpoint.records.map(\.subject)).count == 4)
        let event = Event.conversion(Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED"))
        #expect(Set(endpoint.records.map(\.event)) == [event])
        let outcome = TallyEntry.Outcome(ruleID: "article-22", outcomeID: "graph/1#1")
        let kind = TallyEntry.Kind(
            site: "default", door: .conversions, status: 201, reason: "durable", outcome: outcome)
        #expect(endpoint.kinds == Array(repeating: kind, count: 4))
    }

    @Test("at another door or another site are another door's and another site's")
    func elsewhere() async throws {
        let endpoint = try TestEndpoint(sites: [
            "default": .test { $0.credentialsRequired = .never }, "other": .test { $0.credentialsRequired = .never },
        ])
        let request = TestRequest().bare.with(body: Self.body)
        for _ in 1...2 {
            for place in [
                request, request.with("SITE", "other"), request.with("DOCUMENT_URI", Door.exposuresPath),
                request.with("SITE", "other").with("DOCUMENT_URI", Door.exposuresPath),
            ] {
                #expect(await endpoint.answer(to: place).status == 201)
            }
        }
        #expect(
            endpoint.records.map(\.site) == [
                "default", "other", "default", "other", "default", "other", "default", "other",
            ])
        let names = ["REGISTERED", "REGISTERED", nil, nil]
        #expect(endpoint.records.map(\.event.conversionName) == names + names)
        #expect(endpoint.kinds.map(\.site) == endpoint.records.map(\.site))
        let doors = [Door.conversions, .conversions, .exposures, .exposures]
        #expect(endpoint.kinds.map(\.door) == doors + doors)
    }

    @Test("and are refused are refused each time")
    func refused() async throws {
        let endpoint = try TestEndpoint()
        for _ in 1...3 {
            #expect(await endpoint.answer(to: TestRequest().with(body: #"{"ruleId":"article-22"}"#)).status == 400)
        }
        #expect(endpoint.records.isEmpty)
        #expect(endpoint.kinds.map(\.status) == [400, 400, 400])
    }

    @Test(
        "of which there are far more than are remembered are each told apart, however long they are",
        arguments: [1, 900])
    func many(idBytes: Int) async throws {
        let endpoint = try TestEndpoint()
        let outcomes = (0..<3000).map { String(repeating: "o", count: idBytes) + "\($0 % 1500)" }
        for outcome in outcomes {
            let request = TestRequest().with(member: "outcomeId", "\"\(outcome)\"")
            #expect(await endpoint.answer(to: request).status == 201)
        }
        #expect(endpoint.records.map(\.event.outcomeID) == outcomes)
        #expect(endpoint.kinds.map(\.outcome?.outcomeID) == outcomes)
    }

    @Test("are the same submission, until their site is another")
    func shared() throws {
        let site = try Site(.test())
        let first = try submission(Self.body, at: site)
        #expect(try submission(Self.body, at: site) === first)
        #expect(try submission(Self.body + " ", at: site) !== first)
        #expect(try submission(Self.body, at: Site(.test())) !== first)
        #expect(try submission(Self.body, at: site) === first)
        #expect(try submission(Self.body, at: site, generation: 1) !== first)
        #expect(try submission(Self.body, at: site) !== first)
    }

    @Test(
        "and say more, or are long, are not kept",
        arguments: [
            (Door.conversions, #"{"ruleId":"r","outcomeId":"o","conversion":"c","email":"reader@example.com"}"#),
            (.exposures, #"{"ruleId":"r","outcomeId":"o","conversion":"c"}"#),
            (.exposures, #"[{"ruleId":"r","outcomeId":"o"},{"ruleId":"r","outcomeId":"o","visitor":"1"}]"#),
            (
                .exposures,
                "[" + Array(repeating: #"{"ruleId":"r","outcomeId":"o"}"#, count: 40).joined(separator: ",") + "]"
            ),
        ])
    func notKept(door: Door, body: String) throws {
        let site = try Site(.test())
        #expect(try submission(body, at: site, door: door) !== submission(body, at: site, door: door))
    }

    @Test("and are arrays of exposures are kept like others")
    func arrays() throws {
        let site = try Site(.test())
        let body = #"[{"ruleId":"r","outcomeId":"o"},{"ruleId":"r","outcomeId":"p"}]"#
        let first = try submission(body, at: site, door: .exposures)
        #expect(try submission(body, at: site, door: .exposures) === first)
        #expect(first.events.map(\.outcomeID) == ["o", "p"])
    }

    private let remembered = RememberedSubmissions()

    private func submission(
        _ body: String, at site: Site, generation: Int = 0, door: Door = .conversions
    ) throws -> Submission {
        try Array(body.utf8).withUnsafeBytes {
            try remembered.submission(
                json: $0, at: SiteDirectory.Entry(name: "default", site: site, generation: generation), door: door)
        }
    }
}
