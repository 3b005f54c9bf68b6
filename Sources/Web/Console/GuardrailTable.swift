import Analytics

extension RulePage {
    /// A guardrail of a group, under each of its outcomes.
    struct GuardrailTable {
        struct Arm {
            let name: String
            /// The outcome's colour.
            let hue: String
            let rate: String
            let isBaseline: Bool
            /// Where no difference is on the axis of differences; nil where there are no differences.
            let zero: String?
            /// Where what may be is.
            let marginX: String?
            let effect: Effect?
            let difference: String?
            let differenceInterval: String?
            let converted: String
            let verdict: String
            /// Why; nil where the word says it all.
            let reason: String?
            let tone: String
        }

        let title: String
        let explanation: String
        let ticks: [Tick]
        /// Where no difference is, and what may be, on their axis; nil where there are none. Not called as in a row, for a
        /// template's sake.
        let zeroPlace: Double?
        let marginPlace: Double?
        let hasAxis: Bool
        let arms: [Arm]
    }
}

extension RulePage.GuardrailTable {
    /// Those of a group, in the order of the declaration.
    static func all(of group: GroupReport, hues: OutcomeHues) -> [RulePage.GuardrailTable] {
        (group.arms.first?.guardrails.indices ?? 0..<0).map { RulePage.GuardrailTable(group, at: $0, hues: hues) }
    }

    private init(_ group: GroupReport, at index: Int, hues: OutcomeHues) {
        let guardrails = group.arms.map { $0.guardrails[index] }
        let (conversion, margin) = (guardrails[0].conversion, guardrails[0].margin)
        let intervals = guardrails.compactMap(\.differenceAlwaysValid)
        let axis = intervals.isEmpty ? nil : DifferenceAxis(intervals, margin: margin)
        title = "Guardrail: \(conversion.isolated) must not fall by more than \(margin.marginText)"
        explanation =
            "It holds once the whole range lies right of the red line, is broken once the whole range lies left of it, and may be "
            + "looked at always, like the verdict above: all of them together are wrong in no more than 5 of 100 tests."
        ticks = axis?.ticks ?? []
        zeroPlace = axis?.place(0)
        marginPlace = axis?.place(-margin)
        hasAxis = axis != nil
        arms = zip(group.arms, guardrails).map { arm, guardrail in
            Arm(
                name: arm.label, hue: hues[arm.outcomeId], rate: guardrail.rate?.percent ?? "–",
                isBaseline: guardrail.verdict.word == .baseline, zero: axis?.x(0), marginX: axis?.x(-margin),
                effect: axis.flatMap {
                    RulePage.Effect(
                        arm.label, guardrail.difference, guardrail.differenceAlwaysValid, axis: $0)
                },
                difference: guardrail.difference?.points,
                differenceInterval: guardrail.differenceAlwaysValid?.points, converted: guardrail.converted.grouped,
                verdict: guardrail.verdict.word.rawValue, reason: guardrail.verdict.reason,
                tone: guardrail.verdict.word.tone)
        }
    }
}

extension GuardrailVerdict.Word {
    /// What colour goes with it.
    fileprivate var tone: String {
        switch self {
        case .holds: "ahead"
        case .broken: "behind"
        case .notShownYet, .maturing: "open"
        case .cannotBeCompared, .baseline: "none"
        }
    }
}
