import Analytics
import Foundation
import Testing

@testable import Web

@Suite("Texts of the console")
struct TextTests {
    @Test(
        "every character that could become markup is escaped, whatever follows it",
        arguments: [
            ("<b>", "&lt;b&gt;"), ("\"x'", "&quot;x&#39;"), ("a&amp;b", "a&amp;amp;b"), ("plain ü 数", "plain ü 数"),
            // A quote with an accent is one character to Swift, and a quote to a browser.
            ("\"\u{301} onfocus=", "&quot;\u{301} onfocus="), ("<\u{338}script", "&lt;\u{338}script"), ("", ""),
        ])
    func escaping(text: String, expected: String) {
        #expect(Markup.escape(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test(
        "thousands stand apart by a narrow space",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1\u{202F}000"), (12_345_678, "12\u{202F}345\u{202F}678"),
            (-1234, "−1\u{202F}234"),
        ])
    func grouped(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    @Test(
        "rates have the digits that count",
        arguments: [(0.0427, "4.27 %"), (0.128, "12.8 %"), (0, "0.00 %"), (0.00031, "0.031 %"), (1, "100.0 %")])
    func percent(rate: Double, text: String) {
        #expect(rate.percent == text)
    }

    @Test(
        "a difference has its sign, and never reads as nothing when it is something",
        arguments: [(0.0125, "+1.25"), (-0.004, "−0.40"), (0, "0.00"), (0.00001, "+0.001"), (-0.0004, "−0.04")])
    func points(difference: Double, text: String) {
        #expect(difference.points == text)
    }

    @Test(
        "a lift is in percent with its sign, and never reads as nothing when it is something",
        arguments: [
            (0.5577, "+56 %"), (-0.031, "−3.1 %"), (0, "0.0 %"), (0.0999, "+10 %"), (-0.0002, "−0.02 %"), (9, "+900 %"),
        ])
    func lifts(lift: Double, text: String) {
        #expect(lift.lift == text)
    }

    @Test("moments are written as people write them, in the reader's time zone")
    func moments() throws {
        let berlin = try Zone("Europe/Berlin")
        let moment = try #require(Moment("2026-11-25T23:30:00.000Z", in: berlin))
        #expect(moment.text == "26 November 2026, 00:30")
        #expect(moment.isoDay == "2026-11-26" && moment.isoDay(daysAgo: 26) == "2026-10-31")
        #expect(Moment("2026-11-26T00:30:00+01:00", in: .utc)?.text == "25 November 2026, 23:30")
        #expect(Moment("nonsense", in: .utc) == nil)
    }

    @Test("the time zones to choose from are those that reports take, and one that is named already")
    func zones() throws {
        let choices = TimeZoneChoices.all(selected: "Asia/Kolkata")
        #expect(choices.filter(\.isSelected).map(\.value) == ["Asia/Kolkata"])
        for choice in choices {
            #expect(throws: Never.self) { try ReportPeriod(from: nil, to: nil, timeZone: choice.value) }
        }
        #expect(TimeZoneChoices.all(selected: "Asia/Calcutta").first?.value == "Asia/Calcutta")
        let own = TimeZoneChoices.all(selected: "UTC", ofSite: "Europe/Vienna").map(\.value)
        #expect(own.prefix(2) == ["Europe/Vienna", "UTC"] && Set(own).count == own.count)
    }

    @Test(
        "what is past is so long ago as people say",
        arguments: [
            (0, "just now"), (59, "just now"), (60, "1 minute ago"), (3599, "59 minutes ago"), (7200, "2 hours ago"),
            (86_400 * 3 + 5, "3 days ago"), (-50, "just now"),
        ])
    func ago(seconds: Double, text: String) {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(Moment(now.addingTimeInterval(-seconds), in: .utc).ago(from: now) == text)
    }

    @Test("a view's address holds all that was chosen, and reads again")
    func query() {
        var query = RuleQuery(ruleID: "graph/1#1&x=y +")
        #expect(query.text == "?ruleId=graph%2F1%231%26x%3Dy%20%2B")
        query.basis = .activity
        query.from = "2026-11-01"
        query.timeZone = "Europe/Berlin"
        let pairs = FormText.pairs(String(query.text.dropFirst()))
        #expect(pairs.map(\.name) == ["ruleId", "basis", "from", "timeZone"])
        #expect(pairs.map(\.value) == ["graph/1#1&x=y +", "activity", "2026-11-01", "Europe/Berlin"])
    }
}
