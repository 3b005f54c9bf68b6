import ConfigurationFile
import Statistics
import Storage

/// A declared group: its outcomes, each compared with the baseline by the primary conversion.
public struct GroupReport: Codable, Sendable, Equatable {
    public struct Arm: Codable, Sendable, Equatable {
        public let outcomeId: String
        /// What people call it; nil where none is declared.
        public let outcomeName: String?
        /// How many visitors are to be assigned to it, in proportion to the others.
        public let weight: Int
        /// Visitors who met this outcome first of the group's, since the group began.
        public let exposed: Int
        /// Those of them whose window had not passed at `asOf`. The figures below are of the others.
        public let maturing: Int
        /// Those of `exposed` who met another outcome of the group, too.
        public let crossed: Int
        /// Visitors whose window has passed.
        public let mature: Int
        /// Those of `mature` who did the primary conversion within the window, under any of the group's outcomes.
        public let converted: Int
        /// `converted` ÷ `mature`; nil where that is none.
        public let rate: Double?
        /// Where the rate is with 95 % confidence, for one look (Wilson).
        public let rateInterval: Bounds?
        /// The rate less the baseline's; nil for the baseline.
        public let difference: Double?
        /// Where the difference is with 95 % confidence, for one look (Newcombe).
        public let differenceOneLook: Bounds?
        /// The same however often one looks, and over all outcomes of the group together: the verdict's.
        public let differenceAlwaysValid: Bounds?
        /// The rate in proportion to the baseline's: 0.5 where it is one and a half times that. nil where there is no
        /// `differenceAlwaysValid`.
        public let lift: Double?
        /// Where that is, with the same promise; nil also where it is too wide to be told (``RelativeLift``).
        public let liftAlwaysValid: Bounds?
        public let verdict: Verdict
        /// In the order of the declaration.
        public let guardrails: [Guardrail]
        /// Requests about the outcome since the group began, exposures and conversions, that were recorded or lost, as far as
        /// responders told.
        public let requests: Int
        /// Those of them that were lost: refused although they could have been a visitor's, so that what they would have told is
        /// missing, unless the page tried again.
        public let refused: Int
    }

    /// A conversion whose rate must not be lower than the baseline's by more than a margin, under one outcome.
    public struct Guardrail: Codable, Sendable, Equatable {
        public let conversion: String
        /// Of rates: 0.01 is one percentage point.
        public let margin: Double
        /// Those of `Arm.mature` who did the conversion within the window, under any of the group's outcomes.
        public let converted: Int
        /// `converted` ÷ `Arm.mature`; nil where that is none.
        public let rate: Double?
        /// The rate less the baseline's; nil for the baseline.
        public let difference: Double?
        /// Where the difference is, however often one looks, and over all outcomes, the primary conversion and all guardrails
        /// together: the verdict's. It is told with few conversions, too, and is wide then.
        public let differenceAlwaysValid: Bounds?
        public let verdict: GuardrailVerdict
    }

    public let name: String
    public let conversion: String
    public let baseline: String
    public let windowDays: Int
    /// The size of differences that the comparison is most sensitive to.
    public let tau: Double
    /// What is exposed from then on is compared.
    public let start: Timestamp
    /// How many times more probable the numbers of visitors are if they are not assigned by the weights. Its decimal logarithm,
    /// because it can be huge.
    public let mismatchLog10: Double?
    /// The highest that it has been, at the end of a day of UTC or now. From 3 on nothing is compared any more.
    public let mismatchLog10Max: Double?
    /// How many times more probable the refused requests are if outcomes differ in them, in the same form. From 3 on there is a
    /// warning.
    public let refusalLog10: Double
    /// What to look at before a verdict is believed: a sentence each.
    public let warnings: [String]
    /// In the order of the declaration.
    public let arms: [Arm]
}

extension GroupReport {
    /// - Parameters:
    ///   - exposed: what is counted of the group's outcomes since it began.
    ///   - mature: the same of those whose window had passed.
    ///   - days: how many visitors it got on each day.
    ///   - answers: to requests about the rule version's outcomes since it began.
    ///   - siteAnswers: to all requests to the site since it began.
    ///   - epochs: when each began, milliseconds since 1970, UTC.
    ///   - name: what people call an outcome.
    init(
        _ period: GroupPeriod, exposed: [OutcomeCounts], mature: [OutcomeCounts], days: [GroupDay] = [],
        answers: [AnswerCounts] = [], siteAnswers: [AnswerCounts] = [], epochs: [Int64] = [], name: (String) -> String?
    ) {
        let group = period.group
        let (all, old) = group.counts(ofPrimaryAmong: exposed, mature)
        let mismatch = Mismatch(group, now: all, days: days)
        let refusals = Refusals(group, answers: answers)
        let warnings = GroupWarnings(
            period, counts: all, refusals: refusals, byNginx: NginxRefusals(answers: siteAnswers), epochs: epochs,
            name: name)
        let comparison = GroupComparison(
            group, exposed: all, mature: old, isMismatched: mismatch?.highest.isAlarm == true,
            isMismatchedNow: mismatch?.now.isAlarm == true)
        let guardrails = group.guardrails.map { guardrail in
            let counts = group.counts(of: guardrail.conversion, among: mature)
            return zip(counts, comparison.verdicts(of: guardrail, mature: counts)).map { counts, held in
                Guardrail(guardrail, counts, held.compared, held.verdict)
            }
        }
        self.init(
            name: group.name, conversion: group.conversion.description, baseline: group.baseline.description,
            windowDays: group.windowDays, tau: group.tau,
            start: Timestamp(milliseconds: period.start.startMilliseconds),
            mismatchLog10: mismatch?.now.log10Factor, mismatchLog10Max: mismatch?.highest.log10Factor,
            refusalLog10: refusals.evidence.log10Factor,
            warnings: warnings.sentences,
            arms: group.shares.indices.map { index in
                let outcome = group.shares[index].outcome.description
                return Arm(
                    id: outcome, name: name(outcome), weight: group.shares[index].weight, all: all[index],
                    mature: old[index], compared: comparison.arm(index), verdict: comparison.verdict(index),
                    guardrails: guardrails.map { $0[index] }, refusals: refusals.ofArms[index])
            })
    }

    /// What `mismatchLog10Max` and `refusalLog10` are an alarm from.
    public static let alarmLog10 = Evidence.alarmLog10
    /// The share of visitors who met several outcomes from which on there is a warning.
    public static let crossedShareMax = 0.01

    /// Whether its visitors are so far from the declared weights that nothing is compared.
    public var isMismatched: Bool { (mismatchLog10Max ?? 0) >= Self.alarmLog10 }
}

/// What is counted of a group's visitors under the first of its outcomes that each met.
struct GroupCounts: Equatable {
    var exposed = 0
    /// Those of them that met another of its outcomes, too.
    var crossed = 0
    /// Those of them that did one conversion within the window, under whichever of its outcomes.
    var converted = 0
}

extension DeclaredGroup {
    /// What is counted of each of its outcomes and its primary conversion, of all and of those whose window has passed.
    func counts(
        ofPrimaryAmong exposed: [OutcomeCounts], _ mature: [OutcomeCounts]
    ) -> (all: [GroupCounts], old: [GroupCounts]) {
        (counts(of: conversion, among: exposed), counts(of: conversion, among: mature))
    }

    /// What is counted of each of its outcomes and one of its conversions, in its order.
    func counts(of conversion: DimensionName, among counts: [OutcomeCounts]) -> [GroupCounts] {
        shares.map { share in
            guard let outcome = counts.first(where: { $0.outcome == share.outcome }) else { return GroupCounts() }
            let converted = outcome.conversions.first { $0.conversion == conversion }?.groupConverted
            return GroupCounts(
                exposed: outcome.groupExposed, crossed: outcome.groupCrossed, converted: converted ?? 0)
        }
    }
}

extension GroupReport.Guardrail {
    fileprivate init(
        _ guardrail: DeclaredGroup.Guardrail, _ mature: GroupCounts, _ compared: GuardrailComparison.Arm?,
        _ verdict: GuardrailVerdict
    ) {
        self.init(
            conversion: guardrail.conversion.description, margin: guardrail.margin, converted: mature.converted,
            rate: Proportion(successes: mature.converted, trials: mature.exposed)?.rate,
            difference: compared?.difference?.estimate,
            differenceAlwaysValid: compared?.alwaysValid.map(Bounds.init), verdict: verdict)
    }
}

extension GroupReport.Arm {
    fileprivate init(
        id: String, name: String?, weight: Int, all: GroupCounts, mature: GroupCounts, compared: ArmComparison?,
        verdict: Verdict, guardrails: [GroupReport.Guardrail], refusals: Proportion
    ) {
        let proportion = Proportion(successes: mature.converted, trials: mature.exposed)
        let lift = compared?.lift
        self.init(
            outcomeId: id, outcomeName: name, weight: weight, exposed: all.exposed,
            maturing: all.exposed - mature.exposed, crossed: all.crossed, mature: mature.exposed,
            converted: mature.converted, rate: proportion?.rate,
            rateInterval: proportion?.wilsonInterval(.fivePercent).map(Bounds.init),
            difference: compared?.difference?.estimate,
            differenceOneLook: compared?.oneLook.map(Bounds.init),
            differenceAlwaysValid: (try? compared?.alwaysValid.get()).map(Bounds.init), lift: lift?.estimate,
            liftAlwaysValid: lift?.interval.map(Bounds.init), verdict: verdict, guardrails: guardrails,
            requests: refusals.trials, refused: refusals.successes)
    }
}

/// What may be said of an outcome beside its group's baseline.
public struct Verdict: Codable, Sendable, Equatable {
    public enum Word: String, Codable, Sendable {
        case better
        case worse
        case noDifferenceShownYet = "no difference shown yet"
        case cannotBeCompared = "cannot be compared"
        case maturing
        /// It is what the others are compared with.
        case baseline
    }

    public let word: Word
    /// Why, in one sentence; nil where the word says it all.
    public let reason: String?

    public init(_ word: Word, _ reason: String? = nil) {
        self.word = word
        self.reason = reason
    }
}

/// What may be said of a guardrail under an outcome.
public struct GuardrailVerdict: Codable, Sendable, Equatable {
    public enum Word: String, Codable, Sendable {
        /// The rate is not lower by more than the margin.
        case holds
        /// Neither that it holds nor that it is broken.
        case notShownYet = "not shown yet"
        /// The rate is lower by more than the margin.
        case broken
        case cannotBeCompared = "cannot be compared"
        case maturing
        /// It is what the others are held against.
        case baseline
    }

    public let word: Word
    /// Why, in one sentence; nil where the word says it all.
    public let reason: String?

    public init(_ word: Word, _ reason: String? = nil) {
        self.word = word
        self.reason = reason
    }
}

/// An interval of rates, of differences between rates, or of lifts; both ends belong to it.
public struct Bounds: Codable, Sendable, Equatable {
    public let low: Double
    public let high: Double
}

extension Bounds {
    init(_ interval: Interval) {
        self.init(low: interval.low, high: interval.high)
    }
}
