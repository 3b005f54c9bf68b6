import ForwardProtocol
import Records
import TestSupport
import Testing

@testable import Responder

@Suite("What a line of nginx's log comes to")
struct LogDoorTests {
    private static func pairs(_ count: Int) -> String {
        "[" + (0..<count).map { #"{"ruleId":"r","outcomeId":"\#($0)"}"# }.joined(separator: ",") + "]"
    }

    @Test("each outcome that the origin names is a record of its own, with an id that follows from the request's")
    func recorded() async throws {
        let two = #"[{"ruleId":"a","outcomeId":"graph/1#1,graph/1#2"},{"outcomeId":"é","ruleId":"b","more":[{}]}]"#
        let judgement = try await TestDoor().judge(TestLine().with("outcomes", two))
        #expect(
            judgement.records.map(\.event) == [
                .exposure(Exposure(ruleID: "a", outcomeID: "graph/1#1,graph/1#2")),
                .exposure(Exposure(ruleID: "b", outcomeID: "é")),
            ])
        #expect(
            judgement.records.map(\.id) == [
                RecordID(hex: "d7634734bcdfaf70d3879a6f91c22160"), RecordID(hex: "1d6c8476748549be7347ad8fb170a478"),
            ])
        #expect(
            judgement.records.allSatisfy { $0.site == "default" && $0.timeMilliseconds == TestLine.timeMilliseconds })
    }

    @Test("the visitor is the one that a request with the same cookie is of")
    func subject() async throws {
        let endpoint = try await TestEndpoint()
        #expect(await endpoint.answer(to: TestRequest()).status == 201)
        let subjects = try await TestDoor().judge(TestLine()).records.map(\.subject)
        #expect(subjects == endpoint.records.map(\.subject))
    }

    @Test("the cookie that the response sets counts before the one that came: the browser sends it from then on")
    func cookieBeingSet() async throws {
        let door = try await TestDoor()
        func subject(_ cookie: String, set: String) -> Subject? {
            door.judge(TestLine().with("trackingId", cookie).with("trackingIdSet", set)).records.first?.subject
        }
        let new = try #require(subject("", set: "new"))
        #expect(subject("old", set: "new") == new)
        #expect(subject("new", set: "") == new)
        #expect(subject("old", set: "") != new)
    }

    @Test("a page may show no outcome, or sixteen, and no more")
    func count() async throws {
        let door = try await TestDoor()
        for count in [0, 1, 16] {
            let judgement = door.judge(TestLine().with("outcomes", Self.pairs(count)))
            #expect(judgement.reason == nil)
            #expect(judgement.records.count == count)
            #expect(Set(judgement.records.map(\.id)).count == count)
        }
        #expect(door.judge(TestLine().with("outcomes", Self.pairs(17))).reason == "too-many")
    }

    @Test(
        "syslog's head may have a host or none, and any priority",
        arguments: ["<190>Nov 23 11:17:42 host tag: ", "<14>Nov  3 01:07:02 nginx: ", "<190>Nov 23 11:17:42 a.b.c t: "])
    func head(_ head: String) async throws {
        #expect(try await TestDoor().judge(TestLine().with(head: head)).records.count == 1)
    }

    @Test(
        "what is no line of that log is passed over, and the reason says of what kind it is",
        arguments: [
            (TestLine().with(head: ""), "syslog"), (TestLine().with(head: "<190>Nov 23 11:17:42 tag:"), "syslog"),
            (TestLine().with(head: "Nov 23 11:17:42 tag: "), "syslog"),
            (TestLine().with(head: "<190>\(String(repeating: "x", count: 600)): "), "syslog"),
            (TestLine().with(tail: "\n{}"), "json"), (TestLine().with(tail: "x"), "json"),
            (TestLine().with("more", json: "{}"), "json"), (TestLine().with("more", json: "[]"), "json"),
            (TestLine().with("site", json: nil), "json"), (TestLine().with("exclude", json: nil), "json"),
            (TestLine().with("id", json: nil), "json"), (TestLine().with("time", json: nil), "json"),
            (TestLine().with("trackingId", json: nil), "json"), (TestLine().with("trackingIdSet", json: nil), "json"),
            (TestLine().with("outcomes", json: nil), "json"), (TestLine().with("site", json: "7"), "json"),
            (TestLine().with("time", json: "1700000000.123"), "json"),
            (TestLine().with("outcomes", json: "null"), "json"),
            (TestLine().with("outcomes", ""), "outcomes"), (TestLine().with("outcomes", "-"), "outcomes"),
            (TestLine().with("outcomes", "{}"), "outcomes"), (TestLine().with("outcomes", "[[]]"), "outcomes"),
            (TestLine().with("outcomes", #"["a"]"#), "outcomes"),
            (TestLine().with("outcomes", #"[],"more":1"#), "outcomes"),
            (TestLine().with("outcomes", #"[],"outcomes":[]"#), "outcomes"),
            (TestLine().with("outcomes", "[]}"), "outcomes"), (TestLine().with("outcomes", "[], []"), "outcomes"),
            (TestLine().with("outcomes", String(repeating: "[", count: 40)), "outcomes"),
            (TestLine().with("outcomes", #"[{"ruleId":"a","ruleId":"b","outcomeId":"c"}]"#), "outcomes"),
            (TestLine().with("outcomes", #"[{"ruleId":"a"}]"#), "field"),
            (TestLine().with("outcomes", #"[{"ruleId":"","outcomeId":"b"}]"#), "field"),
            (TestLine().with("outcomes", #"[{"ruleId":7,"outcomeId":"b"}]"#), "field"),
            (TestLine().with("outcomes", #"[{"ruleId":"\u0007","outcomeId":"b"}]"#), "field"),
            (
                TestLine().with("outcomes", #"[{"ruleId":"\#(String(repeating: "x", count: 257))","outcomeId":"b"}]"#),
                "field"
            ),
            (TestLine().with("id", ""), "request-id"),
            (TestLine().with("id", "-0112233445566778899aabbccddeeff"), "request-id"),
            (TestLine().with("time", ""), "time"), (TestLine().with("time", "1700000000"), "time"),
            (TestLine().with("time", "1700000000.12"), "time"), (TestLine().with("time", "-100000000.123"), "time"),
            (TestLine().with("time", "17000.00000.123"), "time"), (TestLine().with("time", ".123"), "time"),
            (TestLine().with("time", "9999999999999.123"), "time"),
        ])
    func malformed(line: TestLine, reason: String) async throws {
        let judgement = try await TestDoor().judge(line)
        #expect(judgement.reason == reason)
        #expect(judgement.records.isEmpty)
        #expect(judgement.explanation != nil)
    }

    @Test("bytes that are no UTF-8, which nginx passes on as they came, spoil the line")
    func invalidUTF8() async throws {
        let door = try await TestDoor()
        var bytes = TestLine().with("trackingId", "marker").bytes
        let place = try #require(bytes.firstRange(of: Array("marker".utf8))?.lowerBound)
        bytes[place] = 0xC3
        #expect(door.judge(bytes).reason == "json")
    }

    @Test(
        "what is usual is passed over without a word",
        arguments: [
            (TestLine().with("site", "unknown"), "site"), (TestLine().with("site", "off"), "off"),
            (TestLine().with("exclude", "bot"), "excluded:bot"),
            (TestLine().with("exclude", "bot").with("outcomes", ""), "excluded:bot"),
            (TestLine().with("trackingId", ""), "tracking-id"),
            (TestLine().with("trackingId", "two words"), "tracking-id"),
            (TestLine().with("trackingIdSet", "é"), "tracking-id"),
            (TestLine().with("trackingId", String(repeating: "x", count: 257)), "tracking-id"),
        ])
    func usual(line: TestLine, reason: String) async throws {
        let judgement = try await TestDoor().judge(line)
        #expect(judgement.reason == reason)
        #expect(judgement.records.isEmpty)
        #expect(judgement.explanation == nil)
    }

    @Test("a site that nginx does not name is the site 'default', and one that is unknown is told in the log")
    func site() async throws {
        let door = try await TestDoor()
        #expect(door.judge(TestLine().with("site", "")).records.map(\.site) == ["default"])
        #expect(door.judge(TestLine().with("site", "other")).entry.site == "-")
        #expect(door.logLines.contains { $0.contains("nginx names the site 'other', which the configuration lacks") })
    }

    @Test(
        "nginx's time counts, unless the clock was set meanwhile",
        arguments: [0, 1, 3_600_000, 3_600_001, -1] as [Int64])
    func time(age: Int64) async throws {
        let now = TestLine.timeMilliseconds + age
        let time = try await TestDoor().judge(TestLine(), at: now).records.first?.timeMilliseconds
        #expect(time == ((0...3_600_000).contains(age) ? TestLine.timeMilliseconds : now))
    }

    @Test(
        "hostile lines are judged and never quoted, whatever is changed in them", arguments: [1, 2, 3, 4] as [UInt64])
    func fuzz(seed: UInt64) async throws {
        let door = try await TestDoor()
        var random = SeededGenerator(seed: seed)
        let marker = "marker7a1e"
        for _ in 0..<5000 {
            var bytes = TestLine().with("trackingId", marker).with(
                "outcomes", Self.pairs(Int.random(in: 0...3, using: &random))
            )
            .bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.change(&bytes, &random) }
            let judgement = door.judge(bytes)
            #expect(judgement.records.count <= Limits.outcomesPerLineMax)
            #expect(!(judgement.explanation ?? "").contains(marker))
            #expect((judgement.reason ?? "").utf8.count <= TallyEntry.reasonBytesMax)
            for record in judgement.records {
                var encoded: [UInt8] = []
                record.encode(into: &encoded)
                // An aggregator closes the connection over a record that it cannot read.
                #expect(try encoded.withUnsafeBytes { try Record.decodeAll($0) } == [record], "seed \(seed)")
            }
        }
        #expect(door.logLines.allSatisfy { !$0.contains(marker) })
    }

    private static func change(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard let place = bytes.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: random.bytes(Int.random(in: 1...8, using: &random)), at: place)
        case 3: bytes.removeSubrange(place...)
        default: bytes.insert(#"{}[]",:\"#.utf8.randomElement(using: &random) ?? 0, at: place)
        }
    }
}
