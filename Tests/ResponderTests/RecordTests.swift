import EventLoop
import Records
import Testing

@testable import Responder

@Suite("What is forwarded")
struct RecordTests {
    @Test("a record holds the request's id, subject, site and conversion, and nothing else")
    func content() async throws {
        let endpoint = try TestEndpoint()
        let before = WallClock.nowMilliseconds()
        _ = await endpoint.answer()
        let after = WallClock.nowMilliseconds()
        let record = try #require(endpoint.records.first)
        #expect((before...after).contains(record.timeMilliseconds))
        #expect(
            record
                == Record(
                    id: RecordID(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff), timeMilliseconds: record.timeMilliseconds,
                    subject: Subject(0xc0c0_ec37_97fc_bee0_06c1_6f6e_a29a_e0ae), site: "default",
                    event: .conversion(Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED"))))
    }

    @Test("a request that nginx tries again keeps its id")
    func retry() async throws {
        let endpoint = try TestEndpoint()
        _ = await endpoint.answer()
        _ = await endpoint.answer()
        #expect(endpoint.records.count == 2)
        #expect(Set(endpoint.records.map(\.id)).count == 1)
    }

    @Test(
        "where nginx hands no id down, or none of its own, each record has another, and the log says so once",
        arguments: [
            nil, "", "-", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeeff0",
            "00112233-4455-6677-8899-aabbccddeeff", "0011223344556677_899aabbccddeeff",
            "g0112233445566778899aabbccddeeff", "+0112233445566778899aabbccddeeff",
        ])
    func withoutID(_ id: String?) async throws {
        let endpoint = try TestEndpoint()
        let request = id.map { TestRequest().with("REQUEST_ID", $0) } ?? TestRequest().with("REQUEST_ID")
        for _ in 0..<3 {
            #expect(await endpoint.answer(to: request).status == 201)
        }
        #expect(Set(endpoint.records.map(\.id)).count == 3)
        #expect(endpoint.logLines.count == 1)
        #expect(endpoint.logLines.allSatisfy { $0.contains("REQUEST_ID") })
    }

    @Test("a request with nothing wrong logs nothing")
    func quiet() async throws {
        let endpoint = try TestEndpoint()
        _ = await endpoint.answer()
        #expect(endpoint.logLines.isEmpty)
    }

    @Test("every record that is forwarded can be encoded and read again, at the fields' limits too")
    func encodable() async throws {
        let site = String(repeating: "s", count: Limits.siteBytesMax)
        let endpoint = try TestEndpoint(sites: [site: .test()])
        let request = TestRequest().with("SITE", site)
            .with(member: "ruleId", "\"\(String(repeating: "é", count: 128))\"")
            .with(member: "outcomeId", "\"\(String(repeating: "😀", count: 256))\"")
            .with(member: "conversion", "\"\(String(repeating: "x", count: 256))\"")
        #expect(await endpoint.answer(to: request).status == 201)
        let record = try #require(endpoint.records.first)
        var bytes: [UInt8] = []
        record.encode(into: &bytes)
        #expect(bytes.count == Limits.recordBytesMax)
        #expect(try bytes.withUnsafeBytes { try Record.decodeAll($0) } == [record])
    }
}
