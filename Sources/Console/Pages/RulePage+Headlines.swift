import Analytics

extension RulePage.Headline {
    /// What may be said where outcomes are in no group.
    static func undeclared(outcomes: Int) -> RulePage.Headline {
        let text = outcomes < 2 ? "There is only one outcome" : "These outcomes are not compared"
        let why =
            outcomes < 2
            ? "A comparison needs a second outcome that visitors are assigned to at random."
            : "Visitors are not known to be assigned to them at random, so a difference between their rates may be one between "
                + "the visitors who see them."
        return RulePage.Headline(
            tone: "none", text: text, details: [why], group: nil, conversion: nil, warnings: [],
            isUndeclared: outcomes > 1)
    }

    /// What may be said of a declared group: the verdict before any number.
    init(_ group: GroupReport) {
        let arms = group.arms.filter { $0.verdict.word != .baseline }
        let baseline = group.arms.first { $0.outcomeId == group.baseline }?.label ?? group.baseline
        let (tone, text, details) = Self.verdict(arms, baseline: baseline, group)
        self.init(
            tone: tone, text: text, details: details, group: group.name, conversion: group.conversion,
            warnings: group.warnings.map { "\($0)." }, isUndeclared: false)
    }

    private static func verdict(
        _ arms: [GroupReport.Arm], baseline: String, _ group: GroupReport
    ) -> (tone: String, text: String, details: [String]) {
        let better = arms.filter { $0.verdict.word == .better }
            .sorted { ($0.difference ?? 0) > ($1.difference ?? 0) }
        if let best = better.first {
            return ("ahead", "“\(best.label)” is ahead of “\(baseline)”", arms.map { $0.sentence(beside: baseline) })
        }
        let worse = arms.filter { $0.verdict.word == .worse }
        if !arms.isEmpty, worse.count == arms.count {
            return ("ahead", "“\(baseline)” is ahead", arms.map { $0.sentence(beside: baseline) })
        }
        if let blocked = arms.first(where: { $0.verdict.word == .cannotBeCompared }) {
            return ("none", "These outcomes cannot be compared", [sentence(blocked.verdict.reason ?? "")])
        }
        if arms.allSatisfy({ $0.verdict.word == .maturing }) {
            return (
                "open", "Too early to tell",
                arms.compactMap { arm in arm.verdict.reason.map { "\(arm.label): \($0)." } }
            )
        }
        return ("open", "No difference shown yet", arms.map { $0.sentence(beside: baseline) })
    }

    private static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst() + "."
    }
}

extension GroupReport.Arm {
    var label: String { outcomeName ?? outcomeId }

    /// What is known of the outcome, and how surely.
    fileprivate func sentence(beside baseline: String) -> String {
        let reason = verdict.reason.map { ": \($0)" } ?? ""
        guard let interval = differenceAlwaysValid else { return "“\(label)”: \(verdict.word.rawValue)\(reason)." }
        let more = interval.low > 0 ? "more" : "fewer"
        switch verdict.word {
        case .better, .worse:
            let (least, most) = (min(abs(interval.low), abs(interval.high)), max(abs(interval.low), abs(interval.high)))
            return "“\(label)” makes \(least.ofHundred) to \(most.ofHundred) \(more) of 100 visitors convert than "
                + "“\(baseline)”: 95 % sure, however often you look."
        default:
            return
                "“\(label)” may make from \(abs(interval.low).ofHundred) fewer to \(abs(interval.high).ofHundred) more of "
                + "100 visitors convert than “\(baseline)”: more visitors will narrow that\(reason)."
        }
    }
}

extension Double {
    /// How many of a hundred: `0.4`, `12`.
    fileprivate var ofHundred: String {
        let points = self.points
        return String(points.drop { $0 == "+" || $0 == "−" })
    }
}
