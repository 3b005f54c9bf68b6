import Analytics
import Foundation
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "a moment is written in UTC, with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (999, "1970-01-01T00:00:00.999Z"),
            (1_700_000_000_125, "2023-11-14T22:13:20.125Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func moments(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
    }

    @Test(
        "so are moments before 1970 and far away ones",
        arguments: [
            (-1, "1969-12-31T23:59:59.999Z"), (-1000, "1969-12-31T23:59:59.000Z"),
            (-86_400_000, "1969-12-31T00:00:00.000Z"), (-86_400_001, "1969-12-30T23:59:59.999Z"),
            (-2_203_977_600_000, "1900-02-28T00:00:00.000Z"), (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "9999-12-31T23:59:59.999Z"),
            (.max, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000, "1900-01-01T00:00:00.000Z"),
            (.min, "1900-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func farMoments(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
    }

    @Test("every millisecond of a second is told apart")
    func everyMillisecond() {
        for millisecond in 0..<1000 as Range<Int64> {
            let digits = "\(1000 + millisecond)".dropFirst()
            #expect(
                Timestamp(milliseconds: 1_795_428_000_000 + millisecond).text == "2026-11-23T10:00:00.\(digits)Z")
        }
    }

    @Test("every day of 1900 to 2100 is the calendar's")
    func everyDay() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        let days = -25_567...47_481 as ClosedRange<Int64>
        for day in stride(from: days.lowerBound, through: days.upperBound, by: 1) {
            let date = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let expected = [date.year, date.month, date.day].map { $0 ?? 0 }
            let text = Timestamp(milliseconds: day * 86_400_000).text
            let found = text.prefix(10).split(separator: "-").compactMap { Int($0) }
            guard found == expected else {
                Issue.record("day \(day) is \(expected), not \(text)")
                return
            }
        }
    }

    @Test("a timestamp is a string in JSON, both ways")
    func json() throws {
        let timestamp = Timestamp(milliseconds: 1_700_000_000_125)
        let data = try JSONEncoder().encode([timestamp])
        #expect(String(decoding: data, as: UTF8.self) == "[\"2023-11-14T22:13:20.125Z\"]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: data) == [timestamp])
    }
}
