import Foundation
import TestSupport
import Testing

@testable import Analytics

@Suite("Time zones")
struct ZoneTests {
    @Test("every zone of the system's tz database turns its clock when Python's zoneinfo says that it does")
    func reference() throws {
        let lines = try DebianPython.output(of: "zones.py", beside: #filePath).split(separator: "\n")
        #expect(lines.count > 400)
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            let zone = try Zone(words[0])
            let numbers = try words.dropFirst().map { try #require(Int64($0)) }
            let turns = stride(from: 0, to: numbers.count, by: 2).map { (at: numbers[$0], offset: numbers[$0 + 1]) }
            let ends = turns.dropFirst().map(\.at) + [2_840_140_800]
            for (turn, end) in zip(turns, ends) {
                let moments = [turn.at, (turn.at + end) / 2, end - 1]
                guard moments.allSatisfy({ zone.offsetSeconds(at: $0) == turn.offset }) else {
                    Issue.record("\(words[0]) is not \(turn.offset) from \(turn.at) to \(end)")
                    break
                }
            }
        }
    }

    @Test("the zones to choose from are few, have today's names, and each of them can be had")
    func choices() throws {
        let choices = Zone.choices()
        #expect(choices.first == "UTC" && (20...40).contains(choices.count) && Set(choices).count == choices.count)
        #expect(Set(choices).isSuperset(of: ["Asia/Kolkata", "Europe/Kyiv", "America/New_York", "Europe/Berlin"]))
        for name in choices { #expect(try Zone(name).name == name) }
    }

    @Test("without a tz database there is UTC, and any other zone says what to install")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let nowhere = directory.path + "/nowhere"
        #expect(Zone.choices(in: nowhere) == ["UTC"])
        #expect(try Zone("UTC", in: nowhere) == .utc)
        #expect(try Zone(nil, in: nowhere) == .utc)
        let fault = #expect(throws: ReportFault.self) { try Zone("Europe/Berlin", in: nowhere) }
        #expect(fault == .noTimeZones("Europe/Berlin", nowhere))
        #expect(fault.map { "\($0)".contains("Install the package tzdata") } == true)
    }

    @Test(
        "a name leads to no file but one of the database's",
        arguments: [
            "", "/", "/etc/passwd", "../../etc/passwd", "Europe/../Europe/Berlin", "./Europe/Berlin", "Europe//Berlin",
            "Europe/Berlin/", "Europe", "localtime", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin",
            "zone.tab",
            "tzdata.zi", "Europe/Berlin\u{0}", "Europe/Berlin\n", " Europe/Berlin", "Europe/B\u{E9}rlin",
            "europe/berlin",
            "Europe\\Berlin", String(repeating: "A", count: 5000),
        ])
    func hostileNames(name: String) {
        #expect(throws: ReportFault.timeZone(name)) { try Zone(name) }
    }

    @Test("neither a pipe nor a directory of such a name is waited for or read, nor is a file that is too long")
    func hostileFiles() throws {
        let directory = try TemporaryDirectory()
        mkfifo(directory.path + "/Pipe", 0o600)
        try FileManager.default.createDirectory(atPath: directory.path + "/Area", withIntermediateDirectories: false)
        _ = FileManager.default.createFile(
            atPath: directory.path + "/Long", contents: Data(repeating: 0, count: 1 << 20))
        for name in ["Pipe", "Area", "Long"] {
            #expect(throws: ReportFault.timeZone(name)) { try Zone(name, in: directory.path) }
        }
    }

    @Test("a file that is no zone's, or only a part of one, is named with what is wrong with it")
    func damagedFiles() throws {
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Zone.directory + "/Europe/Berlin")))
        #expect(throws: ZoneFault.signature) { try ZoneClock(file: Array("no time zone at all".utf8)) }
        #expect(throws: ZoneFault.truncated) { try ZoneClock(file: []) }
        for count in 0..<whole.count { #expect(throws: ZoneFault.self) { try ZoneClock(file: Array(whole[..<count])) } }
        var old = whole
        old[4] = 0
        #expect(throws: ZoneFault.version) { try ZoneClock(file: old) }
        let directory = try TemporaryDirectory()
        try Data("TZif".utf8).write(to: URL(fileURLWithPath: directory.path + "/Zone"))
        #expect(throws: ReportFault.unreadableTimeZone("Zone", directory.path, .truncated)) {
            try Zone("Zone", in: directory.path)
        }
        if let leaping = FileManager.default.contents(atPath: Zone.directory + "/right/Europe/Berlin") {
            #expect(throws: ZoneFault.leapSeconds) { try ZoneClock(file: [UInt8](leaping)) }
        }
    }

    @Test("no bytes make the reader trap", arguments: 0..<20 as Range<UInt64>)
    func changedBytes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Zone.directory + "/America/Santiago")))
        for _ in 0..<500 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            guard let clock = try? ZoneClock(file: bytes) else { continue }
            for seconds in [.min / 1000, -1, 0, 1_800_000_000, 9_000_000_000, .max / 1000] as [Int64] {
                #expect(ZoneRule.offsets.contains(clock.offsetSeconds(at: seconds)))
            }
        }
    }

    @Test(
        "a rule holds as POSIX and RFC 9636 have it",
        arguments: [
            ("UTC0", 0, 0), ("<+0545>-5:45", 0, 20_700), ("CET-1CEST,M3.5.0,M10.5.0/3", 1_743_296_400, 7200),
            ("CET-1CEST,M3.5.0,M10.5.0/3", 1_743_296_399, 3600),
            // Daylight saving time all the year.
            ("EST5EDT,0/0,J365/25", 1_735_707_600, -14_400), ("EST5EDT,0/0,J365/25", 1_735_707_599, -14_400),
            // In winter the clock goes back.
            ("IST-1GMT0,M10.5.0,M3.5.0/1", 1_735_689_600, 0), ("IST-1GMT0,M10.5.0,M3.5.0/1", 1_751_328_000, 3600),
            // A turn on the day before the named one.
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_743_296_400, -3600),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_743_296_399, -7200),
            // 1 March, in a leap year and in another.
            ("AAA0BBB,J60/0,J300/0", 1_709_251_200, 3600), ("AAA0BBB,J60/0,J300/0", 1_709_251_199, 0),
            ("AAA0BBB,59/0,300/0", 1_740_787_200, 3600), ("AAA0BBB,59/0,300/0", 1_709_164_800, 3600),
        ] as [(String, Int64, Int64)])
    func rules(text: String, seconds: Int64, offset: Int64) throws {
        #expect(try ZoneRule(text).offsetSeconds(at: seconds) == offset)
    }

    @Test(
        "what is no rule is refused",
        arguments: [
            "", "C", "CE-1", "CET", "CET-", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-25",
            "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "<CET-1", "CET-1:60",
            "CET-1CEST,J0,J10", "CET-1CEST,366,J10", "CET-1CEST,M3.5.0/168,M10.5.0", "CET-99999999999999999999",
        ])
    func wrongRules(text: String) {
        #expect(throws: ZoneFault.rule) { try ZoneRule(text) }
    }
}
