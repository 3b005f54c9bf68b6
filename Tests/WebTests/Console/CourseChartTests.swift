import Foundation
import Testing

@testable import Analytics
@testable import Web

@Suite("The course of a group, drawn")
struct CourseChartTests {
    private struct Look {
        var difference: (low: Double, estimate: Double, high: Double)?
        var exposed = (100, 100)
        var isMature = true
        var verdict = "no difference shown yet"
    }

    private static func course(_ looks: [Look], since: String? = nil, mismatched: String? = nil) throws -> GroupCourse {
        let days = looks.enumerated().map { index, look in
            let difference = look.difference.map {
                "\"difference\": \($0.estimate), \"differenceAlwaysValid\": {\"low\": \($0.low), \"high\": \($0.high)}, "
            }
            return """
                {"day": "2026-11-\(index + 10)", "end": "2026-11-\(index + 11)T00:00:00.000Z", "isMature": \(look.isMature), "arms": [
                {"exposed": \(look.exposed.0), "exposedConverted": \(look.exposed.0 / 10), "mature": 9, "converted": 1,
                "verdict": "baseline"},
                {"exposed": \(look.exposed.1), "exposedConverted": \(look.exposed.1 / 5), "mature": 9, "converted": 1,
                \(difference ?? "")"verdict": "\(look.verdict)"}]}
                """
        }
        let json = """
            {"name": "g", "conversion": "CUSTOMER", "baseline": "a", "windowDays": 7, "start": "2026-11-10T00:00:00.000Z",
            \(mismatched.map { "\"mismatchedSince\": \"\($0)\"," } ?? "")
            "outcomes": [{"outcomeId": "a"}, {"outcomeId": "b", "outcomeName": "Form"\(since.map { ", \"shownSince\": \"\($0)\"" } ?? "")}],
            "days": [\(days.joined(separator: ","))]}
            """
        return try JSONDecoder().decode(GroupCourse.self, from: Data(json.utf8))
    }

    private static func drawn(_ looks: [Look], since: String? = nil, mismatched: String? = nil) throws
        -> RulePage.Course
    {
        RulePage.Course(try course(looks, since: since, mismatched: mismatched), hues: .none, isOnly: true)
    }

    @Test("a day that is not over is in the table, and no fall of the lines")
    func today() throws {
        var course = try Self.course([Look(), Look(), Look(exposed: (3, 2), isMature: false)])
        let all = RulePage.Course(course, hues: .none, isOnly: true)
        #expect(all.rows.count == 3 && all.lines.map(\.last) == ["12 November 2026", "12 November 2026"])
        let json = String(decoding: try JSONEncoder().encode(course), as: UTF8.self)
            .replacing("2026-11-13T00:00:00.000Z", with: "2026-11-12T09:15:00.000Z")
        course = try JSONDecoder().decode(GroupCourse.self, from: Data(json.utf8))
        let cut = RulePage.Course(course, hues: .none, isOnly: true)
        #expect(cut.rows.map(\.day) == ["12 November 2026 (so far)", "11 November 2026", "10 November 2026"])
        #expect(cut.lines.map(\.last) == ["11 November 2026", "11 November 2026"])
        for line in cut.lines { #expect(try Self.places(line.lines[0].pieces[0].points).count == 2) }
    }

    private static func places(_ points: String) throws -> [(x: Double, y: Double)] {
        try points.split(separator: " ").map { point in
            let numbers = point.split(separator: ",").compactMap { Double($0) }
            return (try #require(numbers.first), try #require(numbers.last))
        }
    }

    @Test("a band begins with the first interval, is as wide as each day's, and is marked where it left zero")
    func band() throws {
        let looks = [
            Look(), Look(difference: (-0.02, 0.01, 0.04)), Look(difference: (-0.01, 0.01, 0.03)),
            Look(difference: (0.002, 0.012, 0.022), verdict: "better"),
            Look(difference: (0.004, 0.012, 0.02), verdict: "better"),
        ]
        let course = try Self.drawn(looks, since: "2026-11-13")
        let band = try #require(course.bands.first)
        #expect(course.bands.count == 1 && course.untold == nil)
        #expect(
            band.caption == "“\u{2068}Form\u{2069}” less “\u{2068}a\u{2069}”, in points: better since 13 November 2026")
        #expect((band.first, band.last) == ("11 November 2026", "14 November 2026"))
        let (area, middle) = (try Self.places(band.area), try Self.places(band.middle))
        #expect(middle.map(\.x) == [0, 333.3, 666.7, 1000])
        // From the line of zero, as many parts of the height as the difference has of the axis.
        let zero = try #require(Double(band.zero.dropLast()))
        let point = (zero - middle[3].y) / 0.012
        for (place, value) in zip(area, [0.04, 0.03, 0.022, 0.02, 0.004, 0.002, -0.01, -0.02])
        where place.y > 0 && place.y < 100 {
            #expect(abs(place.y - (zero - value * point)) < 0.2, "\(value)")
        }
        #expect(area.count == 8)
        let since = try #require(band.since)
        #expect((since.x, since.label, since.isEnd) == ("66.67%", "since 13 Nov", true))
        // One in seven, the last among them, and the marked one.
        #expect(band.rows.map(\.day) == ["13 November 2026", "14 November 2026"])
    }

    @Test("without an interval there is a sentence in place of a band, and where a group is broken another one")
    func untold() throws {
        let course = try Self.drawn([Look(), Look()])
        #expect(course.bands.isEmpty && course.untold?.contains("25 conversions") == true)
        #expect(course.lines.count == 2)
        let broken = try Self.drawn([Look(verdict: "cannot be compared")], mismatched: "2026-11-10")
        #expect(broken.untold == nil && broken.mismatch?.contains("By the end of 10 November 2026") == true)
        let nothing = try Self.drawn([])
        #expect(nothing.bands.isEmpty && nothing.lines.isEmpty)
    }

    @Test("a line is broken where a day has no rate, and goes on in another look where days are young")
    func lines() throws {
        let looks = [Look(), Look(), Look(exposed: (100, 0)), Look(), Look(isMature: false), Look(isMature: false)]
        let course = try Self.drawn(looks)
        let (visitors, rates) = (course.lines[0], course.lines[1])
        #expect(visitors.lines.map { $0.pieces.count } == [1, 1])
        #expect(rates.lines[0].pieces.map(\.isYoung) == [false, true])
        #expect(rates.lines[1].pieces.map(\.isYoung) == [false, false, true])
        let pieces = try rates.lines[1].pieces.map { try Self.places($0.points).map(\.x) }
        // The one day between is a dot; the young days begin where it stands.
        #expect(pieces == [[0, 200], [600, 600], [600, 800, 1000]])
        #expect(rates.lines[0].title == "\u{2068}a\u{2069}")
        // Twice the rate stands twice as high.
        let heights = try rates.lines.map { 100 - (try Self.places($0.pieces[0].points)[0].y) }
        #expect(abs(heights[1] - 2 * heights[0]) < 0.2)
        #expect(rates.ticks.allSatisfy { $0.label != "0 %" })
    }

    @Test("a single day is a dot in the middle")
    func oneDay() throws {
        let course = try Self.drawn([Look(difference: (-0.01, 0.01, 0.03))])
        #expect(try Self.places(try #require(course.bands.first).middle).map(\.x) == [500, 500])
        #expect(try Self.places(course.lines[0].lines[0].pieces[0].points).map(\.x) == [500, 500])
    }

    @Test(
        "the axis of differences has zero on it, and all intervals but for one that is far wider than the others",
        arguments: [
            [(-0.01, 0.03)], [(0.02, 0.03)], [(-0.05, -0.04)], [(-0.01, 0.01), (0.2, 0.22)], [(-1, 1)], [(0, 0)],
        ])
    func axis(intervals: [(Double, Double)]) {
        let axis = DifferenceAxis(intervals.map { Bounds(low: $0.0, high: $0.1) })
        #expect(axis.ticks.contains { $0.label == "0" })
        #expect((0...1).contains(axis.place(0)))
        for (low, high) in intervals {
            #expect(axis.place(low) > 0 && axis.place(high) < 1)
        }
        let wide = DifferenceAxis([Bounds(low: -0.01, high: 0.01), Bounds(low: -1, high: 1)])
        #expect(wide.isBeyond(1) && wide.isBeyond(-1) && !wide.isBeyond(0.01))
        #expect(wide.place(1) == 1 && wide.place(-1) == 0 && wide.place(0.01) - wide.place(-0.01) > 0.05)
    }

    @Test("outcomes have colours in the order of the groups, and beyond eight one for all")
    func hues() throws {
        let outcomes = (0..<12).map {
            """
            {"outcomeId": "o\($0)", "exposed": 1, "exposures": 1, "maturing": 0, "verdict": {"word": "cannot be compared"},
            "conversions": []}
            """
        }
        let arms = ["o5", "o2"].map {
            """
            {"outcomeId": "\($0)", "weight": 1, "exposed": 0, "maturing": 0, "crossed": 0, "mature": 0, "converted": 0,
            "guardrails": [], "requests": 0, "refused": 0, "verdict": {"word": "maturing"}}
            """
        }
        let json = """
            {"site": "s", "ruleId": "r", "basis": "cohort", "timeZone": "UTC", "asOf": "2026-11-25T00:00:00.000Z",
            "epochs": [], "notes": [], "windowDays": 7, "outcomes": [\(outcomes.joined(separator: ","))],
            "groups": [{"name": "g", "conversion": "C", "baseline": "o5", "windowDays": 7, "tau": 0.01, "refusalLog10": 0,
            "start": "2026-11-01T00:00:00.000Z", "warnings": [], "arms": [\(arms.joined(separator: ","))]}]}
            """
        let hues = OutcomeHues(try JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8)))
        #expect(["o5", "o2", "o0", "o1", "o3"].map { hues[$0] } == ["hue-1", "hue-2", "hue-3", "hue-4", "hue-5"])
        #expect(hues["o11"] == "hue-none" && hues[nil] == "hue-none" && hues["?"] == "hue-none")
    }
}
