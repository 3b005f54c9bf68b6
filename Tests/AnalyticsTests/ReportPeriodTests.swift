import Storage
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
        "what is neither a date nor a time at a full quarter of an hour is refused",
        arguments: [
            "", "yesterday", "2026-02-30", "2026-2-3", "2026-11-01T09:10:00Z", "2026-11-01T09:15:01Z",
            "2026-11-01T09:15", "26-11-01", "2026-11-01 ", " 2026-11-01", "-2026-11-01", "99999999999-01-01",
            "2026-11-01T24:15:00Z",
            "2026-11-01; DROP", "2026-13-01", "1e9", "2026-01-01T00:74:60Z", "2026-01-01T0:15:00Z",
            "2026-01-01 00:15:00Z",
            "1969-12-31", "9999-12-31", "12026-01-01", "2026-11-01T09:15:00Zjunk", "2026-11-01T09:15:00-0",
            "2026-11-01T09:15:00GMT+1", "2026-11-01T09:15:00+0100", "2026-11-01T09:15:00+01", "2026-11-01T09:15:00",
        ])
    func moments(text: String) {
        #expect(throws: ReportFault.moment("from", text)) { try ReportPeriod(from: text, to: nil, timeZone: nil) }
        #expect(throws: ReportFault.moment("to", text)) { try ReportPeriod(from: nil, to: text, timeZone: nil) }
    }

    @Test(
        "a time zone that there is not is refused",
        arguments: [
            "", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\u{0}", "Europe", "+01:00", "Local", "GMT+0107",
            "UTC+1", "PST",
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
