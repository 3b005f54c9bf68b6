import Analytics
import FoundationEssentials
import Records

extension RulePage {
    /// What a reader wants to know first.
    struct Headline {
        /// `ahead`, `open`, `none` or `alarm`: what colour goes with it.
        let tone: String
        let text: String
        /// How sure that is, or why nothing is said.
        let details: [String]
        /// What is compared, in one line; nil where there is no group.
        let about: String?
        let warnings: [String]
        let isUndeclared: Bool
        let isMismatched: Bool
        /// What the verdict goes by; empty where nothing is compared.
        let rows: [GroupRow]
        /// Of the differences; empty where there is none.
        let axis: [Tick]
        /// Where no difference is on that axis; nil where there is none. It is not called as a row's `zero`, because a template
        /// that finds none in a row looks around it.
        let zeroPlace: Double?
        let hasDifferences: Bool
        let guardrails: [GuardrailTable]
        /// What the comparison rests on; empty before anybody came.
        let lights: [TrustLight]
        /// Where it is to be had as a picture; nil where there is no group.
        let picture: Link?
    }

    /// An outcome of a group, with the visitors that are compared.
    struct GroupRow {
        let name: String
        /// The outcome's colour.
        let hue: String
        let rate: String
        let interval: String?
        let isBaseline: Bool
        /// Where no difference is on the axis of differences; nil where there are no differences.
        let zero: String?
        let effect: Effect?
        let converted: String
        let mature: String
        let maturing: String
        let difference: String?
        let differenceInterval: String?
        let lift: String?
        let liftInterval: String?
        /// Why there is none of a lift that is told.
        let liftUntold: String?
        let verdict: String
        /// Why; nil where the word says it all.
        let reason: String?
        let tone: String
    }

    /// A difference to the baseline, and its always-valid interval, on the axis of differences.
    struct Effect {
        let places: DifferencePlaces
        let x: String
        let low: String
        let high: String
        /// Where an end of the interval is; one that runs out of the drawing has none there, and an arrow.
        let ends: [String]
        let isBelow: Bool
        let isAbove: Bool
        let title: String
    }
}

extension RulePage.Headline {
    /// What may be said where outcomes are in no group.
    static func undeclared(outcomes: Int) -> RulePage.Headline {
        let text = outcomes < 2 ? "There is only one outcome" : "Not a test: these outcomes are not compared"
        let why =
            outcomes < 2
            ? "A comparison needs a second outcome that visitors are assigned to at random."
            : "Different kinds of visitors may see them, so their rates may differ because of who sees them. Do not pick a "
                + "winner from the rates below."
        return RulePage.Headline(
            tone: "none", text: text, details: [why], about: nil, warnings: [],
            isUndeclared: outcomes > 1, isMismatched: false, rows: [], axis: [], zeroPlace: nil, hasDifferences: false,
            guardrails: [], lights: [], picture: nil)
    }

    /// What may be said of a declared group: the verdict before any number.
    ///
    /// - Parameters:
    ///   - now: the time of day.
    ///   - lights: what the comparison rests on.
    ///   - picture: where it is to be had as one.
    init(
        _ group: GroupReport, hues: OutcomeHues = .none, now: Date, lights: [RulePage.TrustLight] = [],
        picture: RulePage.Link? = nil
    ) {
        let arms = group.arms.filter { $0.verdict.word != .baseline }
        let baseline = group.baselineLabel
        let verdict = Self.verdict(arms, baseline: baseline, group, now: now)
        let (tone, text, details) = Guarded(arms, leader: group.leader, baseline: baseline).headline(over: verdict)
        let isMismatched = group.isMismatched
        let intervals = group.arms.compactMap(\.differenceAlwaysValid)
        let axis = intervals.isEmpty ? nil : DifferenceAxis(intervals)
        self.init(
            tone: tone, text: text, details: details, about: isMismatched ? nil : group.about,
            warnings: group.warnings.map { "\($0)." }, isUndeclared: false, isMismatched: isMismatched,
            rows: isMismatched || group.arms.allSatisfy { $0.mature == 0 }
                ? [] : group.arms.map { RulePage.GroupRow($0, hue: hues[$0.outcomeId], axis: axis) },
            axis: axis?.ticks ?? [], zeroPlace: axis?.place(0), hasDifferences: axis != nil,
            guardrails: isMismatched || group.arms.allSatisfy { $0.mature == 0 }
                ? [] : RulePage.GuardrailTable.all(of: group, hues: hues),
            lights: group.arms.contains { $0.exposed > 0 } ? lights : [], picture: picture)
    }

    private static func verdict(
        _ arms: [GroupReport.Arm], baseline: String, _ group: GroupReport, now: Date
    ) -> (tone: String, text: String, details: [String]) {
        if let best = group.leader {
            return ("ahead", "“\(best.label)” is better than “\(baseline)”", arms.map { $0.sentence(beside: baseline) })
        }
        let worse = arms.filter { $0.verdict.word == .worse }
        if !arms.isEmpty, worse.count == arms.count {
            return ("ahead", "“\(baseline)” is better than all others", arms.map { $0.sentence(beside: baseline) })
        }
        if let last = worse.first, worse.count == 1 {
            let rest = arms.map { $0.sentence(beside: baseline) }
            return ("open", "“\(last.label)” is behind “\(baseline)”; no winner among the others yet", rest)
        }
        if !worse.isEmpty {
            let names = worse.map { "“\($0.label)”" }.joined(separator: ", ")
            let rest = arms.map { $0.sentence(beside: baseline) }
            return ("open", "\(names) are behind “\(baseline)”; no winner among the others yet", rest)
        }
        if let blocked = arms.first(where: { $0.verdict.word == .cannotBeCompared }) {
            return (
                "alarm", "This test is broken: its outcomes cannot be compared",
                [sentence(blocked.verdict.reason ?? "")]
            )
        }
        if arms.allSatisfy({ $0.verdict.word == .maturing }) {
            return (
                "open", "Too early to tell",
                arms.compactMap { arm in arm.verdict.reason.map { "“\(arm.label)”: \($0)." } }
                    + group.firstResult(after: now)
            )
        }
        let count = group.arms.reduce(0) { $0 + $1.mature }
        // Whoever reads that a guardrail is broken has something else to do.
        let advice = arms.allSatisfy(\.brokenGuardrails.isEmpty) ? ": let it go on." : "."
        return (
            "open", "No winner yet: no difference is shown so far",
            arms.map { $0.sentence(beside: baseline) } + [
                "\(count.grouped) visitors are compared so far. That does not mean that the outcomes are equal\(advice)"
            ]
        )
    }

    private static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst() + "."
    }
}

extension GroupReport.Arm {
    /// Kept to itself, so that one written from right to left turns nothing around it.
    var label: String { (outcomeName ?? outcomeId).isolated }

    /// What is known of the outcome, and how surely.
    func sentence(beside baseline: String) -> String {
        let reason = verdict.reason.map { ": \($0)" } ?? ""
        guard let interval = differenceAlwaysValid else {
            return "“\(label)”: \(verdict.reason ?? verdict.word.rawValue)."
        }
        switch verdict.word {
        case .better, .worse:
            let (least, most) = (min(abs(interval.low), abs(interval.high)), max(abs(interval.low), abs(interval.high)))
            let more = interval.low > 0 ? "more" : "fewer"
            return "Of 100 visitors, \(least.ofHundred) to \(most.ofHundred) \(more) convert with “\(label)” than with "
                + "“\(baseline)”. \(advice)"
        default:
            return "“\(label)” may bring anything from \(abs(interval.low).ofHundred) fewer to "
                + "\(abs(interval.high).ofHundred) more conversions in 100 visitors than “\(baseline)”\(reason)."
        }
    }
}

extension GroupReport.Arm {
    /// The conversions that are lower by more than they may be.
    var brokenGuardrails: [String] {
        guardrails.filter { $0.verdict.word == .broken }.map(\.conversion)
    }

    /// What to do with a verdict.
    private var advice: String {
        let open = guardrails.filter { $0.verdict.word == .notShownYet }.map(\.conversion.isolated)
        if verdict.word == .better, !brokenGuardrails.isEmpty {
            return "It breaks a guardrail, so do not take it for that alone."
        }
        if verdict.word == .better, !open.isEmpty {
            return "Before you take it, wait for \(open.joined(separator: ", ")): it is not shown yet that "
                + "\(open.count == 1 ? "this guardrail holds" : "these guardrails hold")."
        }
        return
            "You can decide now: a range like this misses the truth in no more than 5 of 100 tests, however often you look."
    }
}

/// What guardrails have to say before anything else.
private struct Guarded {
    /// Those that break one, with what they break.
    private let broken: [GroupReport.Arm]
    private let leader: GroupReport.Arm?
    private let baseline: String

    init(_ arms: [GroupReport.Arm], leader: GroupReport.Arm?, baseline: String) {
        broken = arms.filter { !$0.brokenGuardrails.isEmpty }
        self.leader = leader
        self.baseline = baseline
    }

    typealias Verdict = (tone: String, text: String, details: [String])

    func headline(over verdict: Verdict) -> Verdict {
        guard let first = broken.first else { return verdict }
        let details = broken.flatMap { arm in arm.guardrails.compactMap { $0.sentence(of: arm.label, beside: baseline) }
        }
        if leader?.brokenGuardrails.isEmpty == false {
            return ("open", "\(verdict.text), and breaks a guardrail", details + verdict.details)
        }
        if verdict.tone == "ahead" { return (verdict.tone, verdict.text, verdict.details + details) }
        let what =
            broken.count == 1
            ? "“\(first.label)” breaks" : broken.map { "“\($0.label)”" }.joined(separator: ", ") + " break"
        let advice = "Stop showing \(broken.count == 1 ? "it" : "them"), or find out why."
        return ("alarm", "\(what) a guardrail", details + [advice, verdict.text + "."] + verdict.details)
    }
}

extension GroupReport.Guardrail {
    /// Nil where it is not broken.
    fileprivate func sentence(of outcome: String, beside baseline: String) -> String? {
        guard verdict.word == .broken, let interval = differenceAlwaysValid else { return nil }
        return "Of 100 visitors, \(abs(interval.high).ofHundred) to \(abs(interval.low).ofHundred) fewer do "
            + "\(conversion.isolated) with “\(outcome)” than with “\(baseline)”; \((margin * 100).withDecimals(upTo: 4)) fewer would be "
            + "allowed."
    }
}

extension GroupReport {
    /// The outcome that is better by most; one that breaks no guardrail before any that does. Nil where none is better.
    var leader: Arm? {
        arms.filter { $0.verdict.word == .better }.sorted {
            $0.brokenGuardrails.isEmpty == $1.brokenGuardrails.isEmpty
                ? ($0.difference ?? 0) > ($1.difference ?? 0) : $0.brokenGuardrails.isEmpty
        }.first
    }

    /// How the outcome is called that the others are compared with.
    var baselineLabel: String {
        arms.first { $0.outcomeId.hasBytes(of: baseline) }?.label ?? baseline.isolated
    }

    /// What is compared, in one line.
    fileprivate var about: String {
        let since = Moment(start.text, in: .utc)?.day ?? ""
        return
            "Group \(name.isolated), compared by \(conversion.isolated). Only visitors count who have had their full \(windowDays) days, since "
            + "\(since)."
    }

    /// From when on there can be a result; nothing where visitors have yet to come, or that day has passed.
    fileprivate func firstResult(after now: Date) -> [String] {
        guard arms.allSatisfy({ $0.exposed > 0 }), let start = Moment(start.text, in: .utc) else { return [] }
        let first = start.after(days: windowDays)
        return first.isAfter(Moment(now, in: .utc)) ? ["The first result is possible from \(first.day) on."] : []
    }
}

extension RulePage.GroupRow {
    /// - Parameter axis: of the differences; nil where there is none.
    init(_ arm: GroupReport.Arm, hue: String, axis: DifferenceAxis?) {
        name = arm.label
        self.hue = hue
        rate = arm.rate?.percent ?? "–"
        interval = arm.rateInterval?.percent
        isBaseline = arm.verdict.word == .baseline
        zero = axis?.x(0)
        effect = axis.flatMap { RulePage.Effect(arm.label, arm.difference, arm.differenceAlwaysValid, axis: $0) }
        converted = arm.converted.grouped
        mature = arm.mature.grouped
        maturing = arm.maturing.grouped
        difference = arm.difference?.points
        differenceInterval = arm.differenceAlwaysValid?.points
        lift = arm.lift?.lift
        liftInterval = arm.liftAlwaysValid?.lift
        liftUntold = arm.lift != nil && arm.liftAlwaysValid == nil ? "too wide to tell" : nil
        verdict = arm.verdict.word.rawValue
        reason = arm.verdict.reason
        tone = arm.verdict.word.tone
    }
}

extension RulePage.Effect {
    /// Nil where there is no interval.
    init?(_ outcome: String, _ difference: Double?, _ interval: Bounds?, axis: DifferenceAxis) {
        guard let difference, let interval else { return nil }
        places = axis.places(difference, interval)
        x = Coordinate.percent(places.difference * 100)
        low = Coordinate.percent(places.low * 100)
        high = Coordinate.percent(places.high * 100)
        ends = places.ends.map { Coordinate.percent($0 * 100) }
        isBelow = places.isBelow
        isAbove = places.isAbove
        title = "\(outcome): \(difference.points) points, \(interval.points)"
    }
}

extension Verdict.Word {
    /// What colour goes with it.
    fileprivate var tone: String {
        switch self {
        case .better: "ahead"
        case .worse: "behind"
        case .noDifferenceShownYet, .maturing: "open"
        case .cannotBeCompared, .baseline: "none"
        }
    }
}
