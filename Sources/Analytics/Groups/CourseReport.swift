import ConfigurationFile
import Statistics
import Storage

/// How the declared groups of one rule version came to where they are, day by day.
public struct CourseReport: Codable, Sendable, Equatable {
    public let site: String
    public let ruleId: String
    /// What people call it; nil where none is declared.
    public let ruleName: String?
    /// As ``OutcomesReport`` has it.
    public let asOf: Timestamp
    /// In the order in which they were declared.
    public let groups: [GroupCourse]
}

/// One declared group, on each day of UTC since it began: who came, and what the comparison said in the day's end.
public struct GroupCourse: Codable, Sendable, Equatable {
    public struct Outcome: Codable, Sendable, Equatable {
        public let outcomeId: String
        /// What people call it; nil where none is declared.
        public let outcomeName: String?
        /// The first of the latest days without a gap that have the verdict which the last has, *better* or *worse*; nil where it
        /// has neither.
        public let shownSince: String?
    }

    public struct Day: Codable, Sendable, Equatable {
        /// `2026-11-15`.
        public let day: String
        /// The moment after it, or `asOf` where that is earlier.
        public let end: Timestamp
        /// Whether those who came on it had all had their window at `asOf`. Where not, more of them may convert.
        public let isMature: Bool
        /// In the order of `outcomes`.
        public let arms: [ArmDay]
    }

    public struct ArmDay: Codable, Sendable, Equatable {
        /// Visitors who met this outcome first of the group's, on that day.
        public let exposed: Int
        /// Those of them who did the primary conversion within the window, whenever that was.
        public let exposedConverted: Int
        /// Visitors of all days whose window had passed by the day's end: those that a look then compared.
        public let mature: Int
        /// Those of them who did the primary conversion within the window.
        public let converted: Int
        /// Of these, as ``GroupReport`` has it.
        public let difference: Double?
        public let differenceAlwaysValid: Bounds?
        public let verdict: Verdict.Word
    }

    /// How much longer it may take until there is a verdict.
    public struct Outlook: Codable, Sendable, Equatable {
        /// The outcome that is farthest from the baseline of those without a verdict.
        public let outcomeId: String
        /// How many visitors of all outcomes came on a day of late, at least 1.
        public let visitorsDaily: Int
        /// If its true difference is as large as the group's τ, to the side that it is on where its rate can be there.
        public let ofTau: Wait
        /// If it is the one seen so far; nil before there is an interval.
        public let asSeen: Wait?
    }

    public struct Wait: Codable, Sendable, Equatable {
        public let difference: Double
        /// Days from now on until there is a verdict in half of all such cases; nil where that is more than a thousand.
        public let half: Int?
        /// The same for four in five.
        public let fourInFive: Int?
    }

    /// How many each of two outcomes needs before there is an interval of their difference.
    public static let conversionsNeeded = ConfidenceSequence.conversionsNeeded

    public let name: String
    public let conversion: String
    public let baseline: String
    public let windowDays: Int
    /// What is exposed from then on is compared.
    public let start: Timestamp
    /// nil where nobody has come for three days, nothing is compared, or all have their verdict.
    public let outlook: Outlook?
    /// The day by whose end visitors were so far from the declared weights that nothing was compared any more; nil where they
    /// never were.
    public let mismatchedSince: String?
    /// In the order of the declaration.
    public let outcomes: [Outcome]
    /// From the day on which it began to that on which the last of its visitors had had their window, or to `asOf`. Empty
    /// before anybody came.
    public let days: [Day]
}

extension GroupCourse {
    /// A look in the end of a day, on all that is known by now of those whose window had passed then. Their conversions lie
    /// within it, so the look on that day had the same, but for records that came later than their window.
    ///
    /// - Parameters:
    ///   - exposed: what is counted of the group's outcomes, as of now.
    ///   - mature: the same of those whose window has passed.
    ///   - days: whom it got on each day.
    ///   - name: what people call an outcome.
    init(
        _ period: GroupPeriod, exposed: [OutcomeCounts], mature: [OutcomeCounts], days: [GroupDay], asOf: Quarter,
        name: (String) -> String?
    ) {
        let (exposed, mature) = period.group.counts(ofPrimaryAmong: exposed, mature)
        var looks = Looks(period, days: days)
        let now = asOf.number.floored(by: Quarter.perDay)
        // At midnight nothing of the running day has passed.
        let last = min(looks.lastDay, asOf.number > now * Quarter.perDay ? now : now - 1)
        let all =
            looks.firstDay > last
            ? []
            : (looks.firstDay...last).map { day in
                // The last one is now, which the report's own counts are of.
                day == now
                    ? looks.look(on: day, at: asOf, exposed: exposed, mature: mature) : looks.look(on: day, asOf: asOf)
            }
        self.name = period.group.name
        conversion = period.group.conversion.description
        baseline = period.group.baseline.description
        windowDays = period.group.windowDays
        start = Timestamp(milliseconds: period.start.startMilliseconds)
        mismatchedSince = looks.mismatchedSince
        // The whole days of late, on some of which nobody may have come. The first hardly is one.
        let isOver = looks.lastDay - Int64(windowDays) < now - Self.quietDaysMax
        let wholeDays = isOver ? 0 : Int(min(max(now - looks.firstDay - 1, 0), Self.daysOfLate))
        outlook = Outlook(
            period.group, came: all.dropFirst(Int(max(now - looks.firstDay, 0)) - wholeDays).prefix(wholeDays),
            on: wholeDays, last: all.last, mature: mature)
        outcomes = period.group.shares.indices.map { index in
            let id = period.group.shares[index].outcome.description
            return Outcome(outcomeId: id, outcomeName: name(id), shownSince: Self.shownSince(index, all))
        }
        self.days = all
    }

    private static let daysOfLate: Int64 = 7
    /// After so many days without a visitor nobody is taken to come any more.
    private static let quietDaysMax: Int64 = 3

    private static func shownSince(_ index: Int, _ days: [Day]) -> String? {
        guard let word = days.last?.arms[index].verdict, word == .better || word == .worse else { return nil }
        return days.reversed().prefix { $0.arms[index].verdict == word }.last?.day
    }
}

extension GroupCourse.Outlook {
    /// - Parameters:
    ///   - came: those of the latest whole days that the course has.
    ///   - count: how many such days there were.
    fileprivate init?(
        _ group: DeclaredGroup, came: ArraySlice<GroupCourse.Day>, on count: Int, last: GroupCourse.Day?,
        mature: [GroupCounts]
    ) {
        guard count > 0, let last, let baseline = group.shares.firstIndex(where: { $0.outcome == group.baseline })
        else { return nil }
        let daily = group.shares.indices.map { index in
            Double(came.reduce(0) { $0 + $1.arms[index].exposed }) / Double(count)
        }
        let open = group.shares.indices.filter { last.arms[$0].verdict == .noDifferenceShownYet }
        let proportions = mature.map { Proportion(successes: $0.converted, trials: $0.exposed) ?? .none }
        let differences = open.compactMap { index in
            RateDifference(proportions[index], minus: proportions[baseline]).map { (index, $0.estimate) }
        }
        guard let (index, seen) = differences.max(by: { abs($0.1) < abs($1.1) }),
            let outlook = VerdictOutlook(
                outcome: proportions[index], baseline: proportions[baseline], daily: (daily[index], daily[baseline]),
                sharedAmong: (group.shares.count - 1) * group.conversions.count, tau: group.tau)
        else { return nil }
        func wait(_ difference: Double) -> GroupCourse.Wait {
            let days = outlook.days(difference: difference, probabilities: [0.5, 0.8])
            return GroupCourse.Wait(difference: difference, half: days[0], fourInFive: days[1])
        }
        outcomeId = group.shares[index].outcome.description
        visitorsDaily = max(1, Int(daily.reduce(0, +).rounded()))
        let rate = proportions[baseline].rate ?? 0
        let isBelow = rate > group.tau && (seen < 0 || rate + group.tau >= 1)
        ofTau = wait(isBelow ? -group.tau : group.tau)
        asSeen = last.arms[index].differenceAlwaysValid == nil ? nil : wait(seen)
    }
}

/// The days of a group, looked at one after the other.
private struct Looks {
    private let period: GroupPeriod
    private let days: [Int64: GroupDay]
    private let mismatch: SampleRatioTest?
    private var exposed: [GroupCounts]
    private var mature: [GroupCounts]
    private(set) var mismatchedSince: String?
    /// Days since 1970, UTC. The last is that in whose end the last of the visitors had had their window.
    let firstDay: Int64
    let lastDay: Int64

    init(_ period: GroupPeriod, days: [GroupDay]) {
        self.period = period
        let numbered = days.map { ($0.start.number.floored(by: Quarter.perDay), $0) }
        self.days = Dictionary(numbered) { first, _ in first }
        mismatch = SampleRatioTest(weights: period.group.shares.map(\.weight))
        exposed = period.group.shares.map { _ in GroupCounts() }
        mature = exposed
        firstDay = period.start.number.floored(by: Quarter.perDay)
        lastDay = numbered.last.map { $0.0 + Int64(period.group.windowDays) } ?? firstDay - 1
    }

    /// In the end of a day, which is the one after that of the look before.
    mutating func look(on day: Int64, asOf: Quarter) -> GroupCourse.Day {
        exposed = Self.sum(exposed, days[day])
        mature = Self.sum(mature, days[day - Int64(period.group.windowDays)])
        return look(on: day, at: Quarter((day + 1) * Quarter.perDay), asOf: asOf, exposed, mature)
    }

    mutating func look(
        on day: Int64, at end: Quarter, exposed: [GroupCounts], mature: [GroupCounts]
    ) -> GroupCourse.Day {
        look(on: day, at: end, asOf: end, exposed, mature)
    }

    private mutating func look(
        on day: Int64, at end: Quarter, asOf: Quarter, _ exposed: [GroupCounts], _ mature: [GroupCounts]
    ) -> GroupCourse.Day {
        let name = CivilTime(seconds: day * 86_400).dateText
        if mismatchedSince == nil, mismatch?.evidence(counts: exposed.map(\.exposed))?.isAlarm == true {
            mismatchedSince = name
        }
        let comparison = GroupComparison(
            period.group, exposed: exposed, mature: mature, isMismatched: mismatchedSince != nil)
        let came = days[day]
        let matureFrom = Quarter((day + 1 + Int64(period.group.windowDays)) * Quarter.perDay)
        return GroupCourse.Day(
            day: name, end: Timestamp(milliseconds: end.startMilliseconds), isMature: matureFrom <= asOf,
            arms: period.group.shares.indices.map { index in
                let compared = comparison.arm(index)
                return GroupCourse.ArmDay(
                    exposed: came?.exposed[index] ?? 0, exposedConverted: came?.converted[index] ?? 0,
                    mature: mature[index].exposed, converted: mature[index].converted,
                    difference: compared?.difference?.estimate,
                    differenceAlwaysValid: (try? compared?.alwaysValid.get()).map(Bounds.init),
                    verdict: comparison.verdict(index).word)
            })
    }

    private static func sum(_ counts: [GroupCounts], _ day: GroupDay?) -> [GroupCounts] {
        guard let day else { return counts }
        return counts.indices.map { index in
            GroupCounts(
                exposed: counts[index].exposed + day.exposed[index],
                converted: counts[index].converted + day.converted[index])
        }
    }
}

extension CourseReport {
    /// A row for each day and outcome.
    public var table: ReportTable {
        var table = ReportTable(columns: [
            "site", "rule", "group", "day", "end", "outcome", "exposed", "exposedConverted", "exposedIsMature",
            "mature",
            "converted", "difference", "differenceLow", "differenceHigh", "verdict", "ruleName", "outcomeName", "asOf",
        ])
        for group in groups {
            for day in group.days {
                for (outcome, arm) in zip(group.outcomes, day.arms) {
                    table.append([
                        .text(site), .text(ruleId), .text(group.name), .text(day.day), .text(day.end.text),
                        .text(outcome.outcomeId), .number(arm.exposed), .number(arm.exposedConverted),
                        .text(day.isMature ? "yes" : "no"), .number(arm.mature), .number(arm.converted),
                        .decimal(arm.difference), .decimal(arm.differenceAlwaysValid?.low),
                        .decimal(arm.differenceAlwaysValid?.high), .text(arm.verdict.rawValue), .text(ruleName),
                        .text(outcome.outcomeName), .text(asOf.text),
                    ])
                }
            }
        }
        return table
    }
}
