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
    func recorded() throws {
        let two = #"[{"ruleId":"a","outcomeId":"graph/1#1,graph/1#2"},{"outcomeId":"é","ruleId":"b","more":[{}]}]"#
        let judgement = try TestDoor().judge(TestLine().with("outcomes", two))
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
        let endpoint = try TestEndpoint()
        #expect(await endpoint.answer(to: TestRequest()).status == 201)
        let subjects = try TestDoor().judge(TestLine()).records.map(\.subject)
        #expect(subjects == endpoint.records.map(\.subject))
    }

    @Test("a pair with a conversion is one, and takes its id from its place as an exposure would")
    func conversions() throws {
        let pair = #"{"ruleId":"a","outcomeId":"b"}"#
        let converted = #"{"ruleId":"a","outcomeId":"b","conversion":"REGISTERED"}"#
        let door = try TestDoor()
        let both = door.judge(TestLine().with("outcomes", "[\(pair),\(converted)]"))
        #expect(
            both.records.map(\.event) == [
                .exposure(Exposure(ruleID: "a", outcomeID: "b")),
                .conversion(Conversion(ruleID: "a", outcomeID: "b", name: "REGISTERED")),
            ])
        let exposures = door.judge(TestLine().with("outcomes", "[\(pair),\(pair)]"))
        #expect(both.records.map(\.id) == exposures.records.map(\.id))
    }

    @Test("on a first view the cookie counts that the response gives the browser, and otherwise the one that came")
    func cookieBeingSet() throws {
        let door = try TestDoor()
        func subject(_ cookie: String, set: String) -> Subject? {
            let line = TestLine().with("trackingId", cookie).with("setCookie", set)
            return door.judge(line.with("trackingIdSet", "x")).records.first?.subject
        }
        let (old, new) = (try #require(subject("old", set: "")), try #require(subject("new", set: "")))
        #expect(old != new)
        #expect(subject("", set: "blaize_tracking_id=new; Path=/") == new)
        #expect(subject("two words", set: "blaize_tracking_id=new; Path=/") == new)
        for set in ["new", "deleted", "", #""""#, "é", "new; Max-Age=0"] {
            #expect(subject("old", set: "blaize_tracking_id=\(set); Path=/") == old, "\(set)")
        }
    }

    @Test("a cookie in quotes is the one without them")
    func quotes() throws {
        let door = try TestDoor()
        let plain = door.judge(TestLine().with("trackingId", "a")).records.map(\.subject)
        #expect(door.judge(TestLine().with("trackingId", #""a""#)).records.map(\.subject) == plain)
        let set = TestLine().with("trackingId", "").with("setCookie", #"blaize_tracking_id="a"; Path=/"#)
        #expect(door.judge(set).records.map(\.subject) == plain)
    }

    @Test(
        "a cookie that nginx may not show is not guessed, and told",
        arguments: [
            ("1.22.1", "a=1; Path=/", "x", "set-cookie-unseen"), ("1.22.1", "", "x", "tracking-id"),
            ("1.22.1", "a=1; Path=/", "", "tracking-id"), ("1.23.0", "a=1; Path=/", "x", "tracking-id"),
            ("1.31.3", "a=1; Path=/", "x", "tracking-id"), ("2.0", "a=1; Path=/", "x", "tracking-id"),
            ("1.22.1", "blaize_tracking_id=x; Path=/; Max-Age=0", "x", "tracking-id"),
            ("1.22.1", "blaize_tracking_id=x; Domain=other.example", "x", "set-cookie"),
        ])
    func unseen(version: String, sent: String, set: String, reason: String) throws {
        let line = TestLine().with("trackingId", "").with("nginx", version).with("setCookie", sent)
        let judgement = try TestDoor().judge(line.with("trackingIdSet", set))
        #expect(judgement.reasons == [reason])
        #expect(judgement.records.isEmpty)
        #expect(judgement.explanations.isEmpty == (reason == "tracking-id"))
    }

    @Test("of more than sixteen outcomes the first sixteen count, and each further one is told")
    func count() throws {
        let door = try TestDoor()
        for count in [1, 16, 17, 40] {
            let judgement = door.judge(TestLine().with("outcomes", Self.pairs(count)))
            #expect(judgement.reasons == Array(repeating: "too-many", count: max(0, count - 16)))
            #expect(judgement.records.map(\.event.outcomeID) == (0..<min(count, 16)).map { "\($0)" })
            #expect(Set(judgement.records.map(\.id)).count == judgement.records.count)
        }
        #expect(door.judge(TestLine().with("outcomes", "[]")).reasons == ["empty"])
    }

    @Test("of a bad pair its good neighbours count, under the ids of their places")
    func neighbours() throws {
        let door = try TestDoor()
        let (good, other) = (#"{"ruleId":"a","outcomeId":"b"}"#, #"{"ruleId":"c","outcomeId":"d"}"#)
        let all = door.judge(TestLine().with("outcomes", "[\(good),\(other),\(other)]")).records
        for (bad, reason) in [
            (#"{"ruleId":"a"}"#, "field"), (#"{"ruleId":"a","outcomeId":"b","conversion":7}"#, "field"),
            (#"{"ruleId":"a","outcomeId":"b","conversion":null}"#, "field"), ("7", "outcomes"), ("[]", "outcomes"),
            (#"{"ruleId":"a","ruleId":"a","outcomeId":"b"}"#, "outcomes"),
            (#"{"ruleId":"\ud800","outcomeId":"b"}"#, "outcomes"),
            (#"{"ruleId":"\u0000","outcomeId":"b"}"#, "outcomes"),
            (#"{"ruleId":"a","outcomeId":"b"} {}"#, "outcomes"),
        ] {
            let judgement = door.judge(TestLine().with("outcomes", "[\(good), \(bad) ,\(other)]"))
            #expect(judgement.records == [all[0], all[2]], "\(bad)")
            #expect(judgement.reasons == [reason], "\(bad)")
        }
    }

    @Test("several headers, which nginx shows as one text, are read together, up to one that cannot be read")
    func severalHeaders() throws {
        let door = try TestDoor()
        let one = door.judge(TestLine().with("outcomes", Self.pairs(3))).records
        let head = #"[{"ruleId":"r","outcomeId":"0"}]"#
        let several = head + #", [], [{"ruleId":"r","outcomeId":"1"},{"ruleId":"r","outcomeId":"2"}]"#
        #expect(door.judge(TestLine().with("outcomes", several)).records == one)
        let broken = door.judge(TestLine().with("outcomes", "\(head), article-22, \(head)"))
        #expect(broken.records == [one[0]])
        #expect(broken.reasons == ["outcomes"])
        let two = door.judge(TestLine().with("outcomes", "\(Self.pairs(10)),\(Self.pairs(10))"))
        #expect(two.records.count == 16)
        #expect(two.reasons.count == 4)
    }

    @Test(
        "what nginx answered by itself is counted under its own status, at the address that was asked",
        arguments: [
            ("429", Door.conversionsPath, "", Door.conversions, "nginx"),
            ("503", Door.exposuresPath, "", .exposures, "nginx"),
            ("413", Door.exposuresPath, "bot", .exposures, "excluded:bot"),
        ])
    func answered(status: String, uri: String, exclude: String, door: Door, reason: String) throws {
        let judgement = try TestDoor().judge(.answered(status, uri: uri, exclude: exclude))
        let expected = TallyEntry.Kind(site: "default", door: door, status: UInt16(status) ?? 0, reason: reason)
        #expect(judgement.answer == expected)
        #expect(judgement.records.isEmpty && judgement.losses.isEmpty)
        let unknown = try TestDoor().judge(.answered(status, uri: uri).with("site", "other"))
        #expect(unknown.answer?.site == "-")
    }

    @Test(
        "an answer that nginx cannot have given is passed over",
        arguments: [
            TestLine.answered("200"), .answered("42"), .answered("4290"), .answered("+429"), .answered("600"),
            .answered("429", uri: "/other"), .answered("429").with("uri", json: nil),
            .answered("429").with("answered", json: "429"), .answered("429").with("site", json: nil),
        ])
    func answeredWrongly(line: TestLine) throws {
        let judgement = try TestDoor().judge(line)
        #expect(judgement.answer == nil)
        #expect(["answer", "json"].contains(judgement.reasons.first))
        #expect(judgement.explanations.count == 1)
    }

    @Test(
        "syslog's head may have a host or none, and any priority",
        arguments: ["<190>Nov 23 11:17:42 host tag: ", "<14>Nov  3 01:07:02 nginx: ", "<190>Nov 23 11:17:42 a.b.c t: "])
    func head(_ head: String) throws {
        #expect(try TestDoor().judge(TestLine().with(head: head)).records.count == 1)
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
            (TestLine().with("setCookie", json: nil), "json"), (TestLine().with("host", json: nil), "json"),
            (TestLine().with("path", json: nil), "json"), (TestLine().with("nginx", json: nil), "json"),
            (TestLine().with("outcomes", json: nil), "json"), (TestLine().with("site", json: "7"), "json"),
            (TestLine().with("time", json: "1700000000.123"), "json"),
            (TestLine().with("outcomes", json: "null"), "json"),
            (TestLine().with("outcomes", ""), "outcomes"), (TestLine().with("outcomes", "-"), "outcomes"),
            (TestLine().with("outcomes", "{}"), "outcomes"), (TestLine().with("outcomes", "[[]]"), "outcomes"),
            (TestLine().with("outcomes", #"["a"]"#), "outcomes"),
            (TestLine().with("outcomes", #"[],"more":1"#), "outcomes"),
            (TestLine().with("outcomes", #"[],"outcomes":[]"#), "outcomes"),
            (TestLine().with("outcomes", "[]}"), "outcomes"), (TestLine().with("outcomes", "[],"), "outcomes"),
            (TestLine().with("outcomes", "[{},]"), "outcomes"), (TestLine().with("outcomes", "[,]"), "outcomes"),
            (TestLine().with("outcomes", #"[{"ruleId":"a","outcomeId":"b"}"#), "outcomes"),
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
    func malformed(line: TestLine, reason: String) throws {
        let judgement = try TestDoor().judge(line)
        #expect(judgement.reasons == [reason])
        #expect(judgement.records.isEmpty)
        #expect(judgement.explanations.count == 1)
    }

    @Test("bytes that are no UTF-8, which nginx passes on as they came, spoil what they stand in and nothing else")
    func invalidUTF8() throws {
        let door = try TestDoor()
        func judge(_ line: TestLine) throws -> LogDoor.Judgement {
            var bytes = line.bytes
            let place = try #require(bytes.firstRange(of: Array("marker".utf8))?.lowerBound)
            bytes[place] = 0xC3
            return door.judge(bytes)
        }
        for member in ["path", "host", "setCookie", "trackingIdSet", "id2"] {
            #expect(try judge(TestLine().with(member, "marker")).records == door.judge(TestLine()).records)
        }
        #expect(try judge(TestLine().with("trackingId", "marker")).reasons == ["tracking-id"])
        let pairs = #"[{"ruleId":"marker","outcomeId":"0"},{"ruleId":"r","outcomeId":"1"}]"#
        let judgement = try judge(TestLine().with("outcomes", pairs))
        #expect(judgement.reasons == ["outcomes"])
        #expect(judgement.records.map(\.event.outcomeID) == ["1"])
    }

    @Test(
        "what is usual is passed over without a word",
        arguments: [
            (TestLine().with("site", "unknown"), "site"), (TestLine().with("site", "off"), "off"),
            (TestLine().with("exclude", "bot"), "excluded:bot"),
            (TestLine().with("exclude", "bot").with("outcomes", ""), "excluded:bot"),
            (TestLine().with("trackingId", ""), "tracking-id"),
            (TestLine().with("trackingId", "two words"), "tracking-id"),
            (TestLine().with("trackingId", "").with("trackingIdSet", "hidden"), "tracking-id"),
            (TestLine().with("trackingId", String(repeating: "x", count: 257)), "tracking-id"),
        ])
    func usual(line: TestLine, reason: String) throws {
        let judgement = try TestDoor().judge(line)
        #expect(judgement.reasons == [reason])
        #expect(judgement.records.isEmpty)
        #expect(judgement.explanations.isEmpty)
    }

    @Test("a site that nginx does not name is the site 'default', and one that is unknown is told in the log")
    func site() throws {
        let door = try TestDoor()
        #expect(door.judge(TestLine().with("site", "")).records.map(\.site) == ["default"])
        #expect(door.judge(TestLine().with("site", "other")).site == "-")
        #expect(door.logLines.contains { $0.contains("nginx names the site 'other', which the configuration lacks") })
    }

    @Test(
        "nginx's time counts, unless the clock was set meanwhile",
        arguments: [0, 1, 3_600_000, 3_600_001, -1] as [Int64])
    func time(age: Int64) throws {
        let now = TestLine.timeMilliseconds + age
        let time = try TestDoor().judge(TestLine(), at: now).records.first?.timeMilliseconds
        #expect(time == ((0...3_600_000).contains(age) ? TestLine.timeMilliseconds : now))
    }

    @Test(
        "hostile lines are judged and never quoted, whatever is changed in them", arguments: [1, 2, 3, 4] as [UInt64])
    func fuzz(seed: UInt64) throws {
        let door = try TestDoor()
        var random = SeededGenerator(seed: seed)
        let marker = "marker7a1e"
        for _ in 0..<5000 {
            let line = TestLine().with("trackingId", marker).with("setCookie", "blaize_tracking_id=\(marker); Path=/")
            var bytes = line.with("outcomes", Self.pairs(Int.random(in: 0...3, using: &random))).bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.change(&bytes, &random) }
            let judgement = door.judge(bytes)
            #expect(judgement.records.count <= Limits.outcomesPerLineMax)
            #expect(judgement.explanations.allSatisfy { !$0.contains(marker) })
            #expect(judgement.losses.allSatisfy { $0.fault.reason.utf8.count <= TallyEntry.reasonBytesMax })
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
