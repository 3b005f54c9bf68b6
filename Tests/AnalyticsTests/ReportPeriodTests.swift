import Storage
import TestSupport
import Testing

@testable import Analytics

@Suite("The time of a report")
struct ReportPeriodTests {
    @Test("dates are whole days of the time zone, the last one included")
    func dates() throws {
        let period = try ReportPeriod(from: "2026-11-01", to: "2026-11-07", timeZone: "Europe/Berlin")
        #expect(period.startText == "2026-11-01T00:00:00+01:00")
        #expect(period.endText == "2026-11-08T00:00:00+01:00")
        #expect(period.timeZoneName == "Europe/Berlin")
        #expect(period.daysText == "2026-11-01-2026-11-07")
    }

    @Test("times begin and end it as they stand, whatever offset they are written with")
    func times() throws {
        let period = try ReportPeriod(from: "2026-11-01T09:15:00+01:00", to: "2026-11-01T09:30:00Z", timeZone: nil)
        #expect(period.startText == "2026-11-01T08:15:00Z")
        #expect(period.endText == "2026-11-01T09:30:00Z")
        #expect(period.daysText == "2026-11-01-2026-11-01")
    }

    @Test(
        "a moment within a quarter of an hour is in the time, at both ends, and a note says so",
        arguments: ["2026-11-01T09:16:02.125Z", "2026-11-01T10:29:59.999999999+01:00", "2026-11-01T10:16:02.125 01:00"])
    func rounded(text: String) throws {
        let since = try ReportPeriod(from: text, to: nil, timeZone: nil)
        #expect(since.startText == "2026-11-01T09:15:00Z")
        #expect(ReportNotes(period: since, hasGroups: false, epochs: []).sentences.contains { $0.contains("quarters") })
        let until = try ReportPeriod(from: nil, to: text, timeZone: nil)
        #expect(until.endText == "2026-11-01T09:30:00Z")
        let full = try ReportPeriod(from: "2026-11-01T09:15:00.000Z", to: nil, timeZone: nil)
        #expect(!ReportNotes(period: full, hasGroups: false, epochs: []).sentences.contains { $0.contains("quarters") })
        #expect(throws: ReportFault.empty) { try ReportPeriod(from: text, to: text, timeZone: nil) }
    }

    @Test("every moment that answers tell selects what it says", arguments: 0..<8 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let rare = ["America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Africa/Monrovia", "Australia/Lord_Howe"]
        let names = Zone.choices() + rare
        for _ in 0..<400 {
            let milliseconds = Int64.random(in: -2_208_988_800_000...253_402_300_799_999, using: &generator)
            let name = try #require(names.randomElement(using: &generator))
            let moment = Timestamp(milliseconds: milliseconds).text
            let since = try ReportPeriod(from: moment, to: nil, timeZone: name)
            #expect(since.range.lowerBound == Quarter(containing: milliseconds), "\(moment) \(name)")
            let until = try ReportPeriod(from: nil, to: moment, timeZone: name)
            #expect(until.range.upperBound == Quarter(notBefore: milliseconds), "\(moment) \(name)")
            // As the zone has it: a period's ends, and a bucket's.
            for text in [since.startText, until.endText].compactMap({ $0 })
            where ("1901"..."9998").contains(text.prefix(4)) {
                #expect(
                    try ReportPeriod(from: text, to: nil, timeZone: nil).start
                        == (text == since.startText ? since.start : until.end), "\(text)")
                #expect(
                    try ReportPeriod(from: nil, to: text, timeZone: nil).end
                        == (text == since.startText ? since.start : until.end), "\(text)")
            }
        }
    }

    @Test("at the ends of time the nearest moment that can be written is told, and is accepted again")
    func farAway() throws {
        for quarter in [Range<Quarter>.all.lowerBound, Range<Quarter>.all.upperBound, Quarter(280_000_000)] {
            for name in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
                let text = try ReportPeriod(from: nil, to: nil, timeZone: name).text(quarter)
                #expect(throws: Never.self) { try ReportPeriod(from: text, to: nil, timeZone: nil) }
                #expect(throws: Never.self) { try ReportPeriod(from: nil, to: text, timeZone: nil) }
            }
        }
    }

    @Test("without ends it is all time, by days of UTC")
    func allTime() throws {
        let period = try ReportPeriod(from: nil, to: nil, timeZone: nil)
        #expect(period == .allTime)
        #expect(period.range == .all)
        #expect(period.startText == nil && period.endText == nil && period.daysText == nil)
        #expect(period.timeZoneName == "UTC")
        #expect(try ReportPeriod(from: "2026-11-01", to: nil, timeZone: "UTC").daysText == "2026-11-01-on")
        #expect(try ReportPeriod(from: nil, to: "2026-11-01", timeZone: "UTC").daysText == "until-2026-11-01")
    }

    @Test(
        "what is neither a date nor a time with its offset is refused",
        arguments: [
            "", "yesterday", "2026-02-30", "2026-2-3", "2026-11-01T09:15", "26-11-01", "2026-11-01 ", " 2026-11-01",
            "-2026-11-01", "99999999999-01-01",
            "2026-11-01T24:15:00Z",
            "2026-11-01; DROP", "2026-13-01", "1e9", "2026-01-01T00:74:60Z", "2026-01-01T0:15:00Z",
            "2026-01-01 00:15:00Z",
            "1969-12-31", "9999-12-31", "12026-01-01", "2026-11-01T09:15:00Zjunk", "2026-11-01T09:15:00-0",
            "2026-11-01T09:15:00GMT+1", "2026-11-01T09:15:00.Z", "2026-11-01T09:15:00,5Z", "2026-11-01T09:15:00+24:00",
            "2026-11-01T09:15:00+0100", "2026-11-01T09:15:00+01", "2026-11-01T09:15:00",
        ])
    func moments(text: String) {
        #expect(throws: ReportFault.moment("from", text)) { try ReportPeriod(from: text, to: nil, timeZone: nil) }
        #expect(throws: ReportFault.moment("to", text)) { try ReportPeriod(from: nil, to: text, timeZone: nil) }
    }

    @Test(
        "a time zone that there is not is refused",
        arguments: [
            "", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\u{0}", "Europe", "+01:00", "Local", "GMT+0107",
            "UTC+1", "PST", "Europe/Berlin ", "GMT+0107:00",
        ])
    func zones(name: String) {
        #expect(throws: ReportFault.timeZone(name)) { try ReportPeriod(from: nil, to: nil, timeZone: name) }
    }

    @Test("a time that ends before it begins, or at once, is refused")
    func empty() {
        #expect(throws: ReportFault.empty) { try ReportPeriod(from: "2026-11-02", to: "2026-11-01", timeZone: nil) }
        #expect(throws: ReportFault.empty) {
            try ReportPeriod(from: "2026-11-01T10:00:00Z", to: "2026-11-01T10:00:00Z", timeZone: nil)
        }
    }

    @Test("the years that dates can name are all there", arguments: ["1970-01-01", "9998-12-31"])
    func years(text: String) throws {
        let period = try ReportPeriod(from: text, to: text, timeZone: "Europe/Berlin")
        #expect(period.range.upperBound.number - period.range.lowerBound.number >= 92)
    }
}
