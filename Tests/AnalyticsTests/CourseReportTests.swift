import ConfigurationFile
import Records
import SQLiteStorage
import Storage
import TestSupport
import Testing

@testable import Analytics

@Suite("How a group came to where it is")
struct CourseReportTests {
    private static let hour: Int64 = 3_600_000
    private static let day = 24 * hour
    /// Midnight of 1 November 2026, UTC.
    private static let midnight: Int64 = 1_793_491_200_000
    private static let rates = [("a", 0.1), ("b", 0.25), ("c", 0.11)]

    private let directory: TemporaryDirectory
    private let store: SQLiteOutcomeStore
    private let catalogue: Catalogue
    private var random = SeededGenerator(seed: 7)

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteOutcomeStore(path: directory.path + "/store.sqlite")
        let group = OutcomeGroup(
            name: "autumn", shares: Self.rates.map { .init(outcome: OpaqueID($0.0), weight: 1) }, baseline: "a",
            conversion: "CUSTOMER", windowDays: 2)
        let rule = DeclaredRule(name: "Paywall", outcomeNames: ["b": "Form"], groups: [group])
        catalogue = Catalogue(
            sites: ["site": SiteConfiguration(origins: .any)],
            rules: Rules(sites: ["site": SiteRules(rules: ["rule": rule])]))
    }

    private func queries(at milliseconds: Int64) -> AnalyticsQueries {
        AnalyticsQueries(store: store, catalogue: catalogue, nowMilliseconds: { milliseconds })
    }

    /// A day's visitors; some meet a second outcome, and conversions come within the window and after it.
    private mutating func visitors(of day: Int64) -> [Record] {
        (0..<600).flatMap { number in
            let subject = Subject(UInt128(day) << 64 | UInt128(number))
            let time = Self.midnight + day * Self.day + Int64.random(in: 0..<Self.day, using: &random)
            let (outcome, rate) = Self.rates[number % 3]
            func record(_ event: Event, after delay: Int64) -> Record {
                Record(id: .random(), timeMilliseconds: time + delay, subject: subject, site: "site", event: event)
            }
            var records = [record(.exposure(Exposure(ruleID: "rule", outcomeID: outcome)), after: 0)]
            if number.isMultiple(of: 90) {
                records.append(record(.exposure(Exposure(ruleID: "rule", outcomeID: "c")), after: 3 * Self.hour))
            }
            if Double.random(in: 0..<1, using: &random) < rate {
                let conversion = Event.conversion(Conversion(ruleID: "rule", outcomeID: outcome, name: "CUSTOMER"))
                records.append(record(conversion, after: Int64.random(in: 0..<3 * Self.day, using: &random)))
            }
            return records
        }
    }

    @Test("each day has what a look in its end saw, with what was known then")
    mutating func looks() async throws {
        // In the middle of a day, and of a quarter of an hour.
        try await store.declare(
            catalogue.declaredNames, nowMilliseconds: Self.midnight + 9 * Self.hour + 400_000)
        var pending: [Record] = []
        var seen: [GroupReport] = []
        for day: Int64 in 0..<12 {
            // Nobody comes on two of the days.
            if day < 9, day != 4, day != 5 { pending += visitors(of: day) }
            let end = Self.midnight + (day + 1) * Self.day
            let due = pending.filter { $0.timeMilliseconds < end }
            pending.removeAll { $0.timeMilliseconds < end }
            let position = FoldPosition(journalID: 1, sequence: day + 1, checksum: 1)
            try await store.fold(due, declared: catalogue.declaredNames, advancingTo: position)
            let report = try #require(try await queries(at: end).outcomes(site: "site", ruleID: "rule"))
            seen.append(try #require(report.groups.first))
            guard day == 8 else { continue }
            // One outcome has its verdict, the other has not, and visitors come.
            let outlook = try #require(
                try await queries(at: end).course(site: "site", ruleID: "rule")?.groups.first?.outlook)
            #expect(outlook.outcomeId == "c" && outlook.asSeen?.difference == seen.last?.arms[2].difference)
        }
        let end = Self.midnight + 12 * Self.day + 5 * Self.hour
        let course = try #require(try await queries(at: end).course(site: "site", ruleID: "rule"))
        let group = try #require(course.groups.first)
        #expect(course.ruleName == "Paywall" && group.outcomes.map(\.outcomeName) == [nil, "Form", nil])
        // The last visitors came on the ninth day, and had had their two days in the end of the eleventh.
        #expect(group.days.map(\.day) == (1...11).map { "2026-11-\($0 < 10 ? "0" : "")\($0)" })
        #expect(group.days[0].end.text == "2026-11-02T00:00:00.000Z")
        for (day, look) in zip(group.days, seen) {
            #expect(day.arms.map(\.mature) == look.arms.map(\.mature), "\(day.day)")
            #expect(day.arms.map(\.converted) == look.arms.map(\.converted), "\(day.day)")
            #expect(day.arms.map(\.difference) == look.arms.map(\.difference), "\(day.day)")
            #expect(day.arms.map(\.differenceAlwaysValid) == look.arms.map(\.differenceAlwaysValid), "\(day.day)")
            #expect(day.arms.map(\.verdict) == look.arms.map(\.verdict.word), "\(day.day)")
            #expect(day.isMature == (day.day <= "2026-11-10"))
        }
        // A result as of the end of a day is the one that was seen then.
        for (day, look) in zip(group.days, seen) {
            let asOf = try await queries(at: end).outcomes(site: "site", ruleID: "rule", asOf: ReportDay(day.day))
            let group = try #require(asOf?.groups.first)
            #expect(group.mismatchLog10Max == look.mismatchLog10Max)
            for (arm, seen) in zip(group.arms, look.arms) {
                #expect(arm.exposed == seen.exposed && arm.maturing == seen.maturing, "\(day.day)")
                #expect(arm.mature == seen.mature && arm.converted == seen.converted, "\(day.day)")
                #expect(arm.differenceAlwaysValid == seen.differenceAlwaysValid && arm.verdict == seen.verdict)
                // When a visitor met a second outcome is not kept.
                #expect(arm.crossed >= seen.crossed)
            }
            #expect(try #require(asOf).asOf.text == day.end.text)
        }
        #expect(
            group.days.map { $0.arms.reduce(0) { $0 + $1.exposed } > 0 }
                == (0..<11).map { $0 < 9 && $0 != 4 && $0 != 5 })
        // Both kinds of days are there, or nothing has been shown.
        let words = group.days.map { $0.arms[1].verdict }
        #expect(words.contains(.maturing) && words.last == .better)
        let since = try #require(words.firstIndex(of: .better))
        #expect(words[since...].allSatisfy { $0 == .better })
        #expect(group.outcomes.map(\.shownSince) == [nil, group.days[since].day, nil])
        // Nobody has come for three days.
        #expect(group.outlook == nil)
    }

    @Test("the running day is looked at as it is now, and young days are told as such")
    mutating func running() async throws {
        try await store.declare(catalogue.declaredNames, nowMilliseconds: Self.midnight)
        let records = (0..<4).flatMap { visitors(of: $0) }
        let now = Self.midnight + 3 * Self.day + 7 * Self.hour
        try await store.fold(
            records.filter { $0.timeMilliseconds < now }, declared: catalogue.declaredNames,
            advancingTo: FoldPosition(journalID: 1, sequence: 1, checksum: 1))
        let course = try #require(try await queries(at: now).course(site: "site", ruleID: "rule")?.groups.first)
        let report = try #require(try await queries(at: now).outcomes(site: "site", ruleID: "rule")?.groups.first)
        #expect(course.days.map(\.isMature) == [true, false, false, false])
        let last = try #require(course.days.last)
        #expect(last.end.text == "2026-11-04T07:00:00.000Z")
        #expect(last.arms.map(\.mature) == report.arms.map(\.mature))
        #expect(last.arms.map(\.verdict) == report.arms.map(\.verdict.word))
        #expect(last.arms.map(\.mature) != course.days[2].arms.map(\.mature))
        // The whole days had six hundred visitors each, and one in three outcomes is far from having a verdict.
        let outlook = try #require(course.outlook)
        #expect(outlook.visitorsDaily == 600 && ["b", "c"].contains(outlook.outcomeId))
        #expect(abs(outlook.ofTau.difference) == 0.01)
        let arm = try #require(report.arms.first { $0.outcomeId == outlook.outcomeId })
        #expect(arm.verdict.word == .noDifferenceShownYet)
        #expect(try #require(outlook.ofTau.half) <= #require(outlook.ofTau.fourInFive))
        // The one day that is mature has too few conversions for an interval.
        #expect(arm.differenceAlwaysValid == nil && outlook.asSeen == nil)
    }

    @Test("before anybody came there is no day, and without a record no course")
    func nobody() async throws {
        #expect(try await queries(at: Self.midnight).course(site: "site", ruleID: "rule") == nil)
        let period = GroupPeriod(group: DeclaredGroup(try #require(catalogue.group)), start: Quarter(0))
        let course = GroupCourse(period, exposed: [], mature: [], days: [], asOf: Quarter(960)) { _ in nil }
        #expect(course.days.isEmpty && course.mismatchedSince == nil)
    }

    @Test("from the day on which visitors were not split as declared nothing is compared, whatever came later")
    func mismatch() throws {
        let period = GroupPeriod(group: DeclaredGroup(try #require(catalogue.group)), start: Quarter(0))
        let days = [[500, 500, 500], [600, 500, 100], [500, 600, 1000], [500, 500, 500]].enumerated().map {
            day, exposed in
            GroupDay(start: Quarter(Int64(day) * 96), exposed: exposed, converted: exposed.map { $0 / 10 })
        }
        let course = GroupCourse(period, exposed: [], mature: [], days: days, asOf: Quarter(960)) { _ in nil }
        #expect(course.days.count == 6)
        #expect(course.mismatchedSince == "1970-01-02")
        #expect(course.days[0].arms[1].verdict == .maturing)
        #expect(course.days.dropFirst().allSatisfy { $0.arms.allSatisfy { $0.verdict == .cannotBeCompared } })
        #expect(course.days.allSatisfy { $0.arms.allSatisfy { $0.differenceAlwaysValid == nil } })
    }

    @Test("a day that is not over is now, and what is no day is refused")
    mutating func day() async throws {
        try await store.declare(catalogue.declaredNames, nowMilliseconds: Self.midnight)
        try await store.fold(
            visitors(of: 0), declared: catalogue.declaredNames,
            advancingTo: FoldPosition(journalID: 1, sequence: 1, checksum: 1))
        let now = queries(at: Self.midnight + Self.day / 2)
        let today = try await now.outcomes(site: "site", ruleID: "rule", asOf: ReportDay("2026-11-01"))
        #expect(try await now.outcomes(site: "site", ruleID: "rule") == today)
        let before = try #require(try await now.outcomes(site: "site", ruleID: "rule", asOf: ReportDay("2026-10-31")))
        #expect(before.outcomes.allSatisfy { $0.exposed == 0 } && before.groups[0].arms.allSatisfy { $0.exposed == 0 })
        #expect(before.notes.contains { $0.contains("as of the end of 2026-10-31") })
        for text in ["", "yesterday", "2026-11-31", "2026-11-01T00:00:00Z"] {
            #expect(throws: ReportFault.day("asOf", text)) { try ReportDay(text) }
        }
    }

    @Test("as a table it has a row for each day and outcome")
    mutating func table() async throws {
        try await store.declare(catalogue.declaredNames, nowMilliseconds: Self.midnight)
        try await store.fold(
            visitors(of: 0), declared: catalogue.declaredNames,
            advancingTo: FoldPosition(journalID: 1, sequence: 1, checksum: 1))
        let course = try #require(
            try await queries(at: Self.midnight + 9 * Self.day).course(site: "site", ruleID: "rule"))
        let lines = course.table.csv.split(separator: "\r\n")
        #expect(lines.count == 1 + 3 * 3)
        #expect(
            lines[0] == "site,rule,group,day,end,outcome,exposed,exposedConverted,exposedIsMature,mature,converted,"
                + "difference,differenceLow,differenceHigh,verdict,ruleName,outcomeName,asOf")
        let form = try #require(lines.last { $0.contains(",b,") })
        #expect(form.hasPrefix("site,rule,autumn,2026-11-03,2026-11-04T00:00:00.000Z,b,0,0,yes,200,"))
        #expect(form.hasSuffix(",Paywall,Form,2026-11-10T00:00:00.000Z"))
    }
}

extension Catalogue {
    fileprivate var group: OutcomeGroup? { rules.sites["site"]?.rules["rule"]?.groups.first }
}
