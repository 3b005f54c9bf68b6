import Foundation
import Storage
import Testing

@testable import Analytics

@Suite("Buckets of a time zone")
struct BucketWidthTests {
    /// The starts of a day's buckets and the end of the last, as the zone's clock shows them.
    private static func bounds(_ width: BucketWidth, on day: String, in zone: String) throws -> [String] {
        let period = try ReportPeriod(from: day, to: day, timeZone: zone)
        let buckets = width.buckets(of: period.range, in: period.timeZone, countMax: 1000)
        #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(buckets.first?.lowerBound == period.range.lowerBound)
        #expect(buckets.last?.upperBound == period.range.upperBound)
        return (buckets.map(\.lowerBound) + [period.range.upperBound]).map(period.text)
    }

    @Test(
        "a day is from midnight to midnight of its zone, however long",
        arguments: [
            ("UTC", "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z", 24),
            ("Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23),
            ("Europe/Berlin", "2026-10-25", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25),
            ("Asia/Kathmandu", "2026-11-25", "2026-11-25T00:00:00+05:45", "2026-11-26T00:00:00+05:45", 24),
            ("America/St_Johns", "2026-11-01", "2026-11-01T00:00:00-02:30", "2026-11-02T00:00:00-03:30", 25),
            // Its clock goes by half an hour.
            ("Australia/Lord_Howe", "2026-04-05", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30", 24.5),
            // Midnight comes twice: at the end of this day the clock goes back to 23:00.
            ("America/Santiago", "2026-04-04", "2026-04-04T00:00:00-03:00", "2026-04-05T00:00:00-04:00", 25),
            // Midnight is left out.
            ("America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00", 23),
        ])
    func days(zone: String, day: String, start: String, end: String, hours: Double) throws {
        #expect(try Self.bounds(.day, on: day, in: zone) == [start, end])
        let period = try ReportPeriod(from: day, to: day, timeZone: zone)
        #expect(Double(period.range.upperBound.number - period.range.lowerBound.number) == hours * 4)
    }

    @Test("hours are those of the zone's clock; one that it repeats is two, one that it leaves out is none")
    func hours() throws {
        let autumn = try Self.bounds(.hour, on: "2026-10-25", in: "Europe/Berlin")
        #expect(autumn.count == 26)
        #expect(autumn[2...3] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"])
        #expect(autumn[4] == "2026-10-25T03:00:00+01:00")
        let spring = try Self.bounds(.hour, on: "2026-03-29", in: "Europe/Berlin")
        #expect(spring.count == 24)
        #expect(spring[1...2] == ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"])
        let half = try Self.bounds(.hour, on: "2026-04-05", in: "Australia/Lord_Howe")
        #expect(half[1...2] == ["2026-04-05T01:00:00+11:00", "2026-04-05T01:30:00+10:30"])
        #expect(half[3] == "2026-04-05T02:00:00+10:30")
        #expect(try Self.bounds(.hour, on: "2026-11-25", in: "Asia/Kathmandu")[1] == "2026-11-25T01:00:00+05:45")
    }

    @Test("quarters of an hour are themselves")
    func quarters() throws {
        #expect(try Self.bounds(.quarterHour, on: "2026-10-25", in: "Europe/Berlin").count == 101)
    }

    @Test("a range cuts the buckets at its ends")
    func cut() throws {
        let range = Quarter(3)..<Quarter(98)
        let buckets = BucketWidth.day.buckets(of: range, in: .utc, countMax: 10)
        #expect(buckets == [Quarter(3)..<Quarter(96), Quarter(96)..<Quarter(98)])
        #expect(BucketWidth.hour.buckets(of: Quarter(3)..<Quarter(3), in: .utc, countMax: 10).isEmpty)
    }

    @Test("of more buckets than there may be, there is one more, even of all time", arguments: BucketWidth.allCases)
    func limit(width: BucketWidth) {
        #expect(width.buckets(of: .all, in: .utc, countMax: 20).count == 21)
        #expect(width.buckets(of: Quarter(0)..<Quarter(width.quarters * 20), in: .utc, countMax: 20).count == 20)
    }
}
