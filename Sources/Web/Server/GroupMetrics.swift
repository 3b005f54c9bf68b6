import Analytics

/// The comparison of a declared group, for Prometheus.
struct MeasuredGroup: Sendable {
    /// More of them, over all sites, are left out: each is a report at every scrape.
    static let countMax = 100

    let site: String
    let ruleID: String
    let ruleName: String?
    let group: GroupReport
}

extension PrometheusText {
    /// What is compared, by group and outcome. Verdicts may be looked at always, so an alert on one is as sure as the page.
    mutating func append(_ groups: [MeasuredGroup]) {
        let arms = groups.flatMap { measured in measured.group.arms.map { (measured, $0) } }
        func samples(_ value: (GroupReport.Arm) -> Double?) -> [Sample] {
            arms.compactMap { measured, arm in value(arm).map { Sample(labels(measured, arm), $0) } }
        }
        append(
            "rule_outcomes_group_info", .gauge, "What people call the outcomes of declared groups.",
            arms.map { measured, arm in
                Sample(
                    labels(measured, arm) + [
                        ("rule_name", measured.ruleName ?? measured.ruleID),
                        ("outcome_name", arm.outcomeName ?? arm.outcomeId),
                    ], 1)
            })
        append(
            "rule_outcomes_group_exposed", .gauge, "Visitors of a group, by the outcome that they met first.",
            samples { Double($0.exposed) })
        append(
            "rule_outcomes_group_mature", .gauge, "Those of them whose window has passed, which are compared.",
            samples { Double($0.mature) })
        append(
            "rule_outcomes_group_converted", .gauge, "Those of these that did the primary conversion.",
            samples { Double($0.converted) })
        append(
            "rule_outcomes_group_rate", .gauge, "Converted by mature.", samples(\.rate))
        append(
            "rule_outcomes_group_difference", .gauge, "The rate less the baseline's.", samples(\.difference))
        append(
            "rule_outcomes_group_difference_low", .gauge, "The low end of the difference's always-valid interval.",
            samples { $0.differenceAlwaysValid?.low })
        append(
            "rule_outcomes_group_difference_high", .gauge, "The high end of the difference's always-valid interval.",
            samples { $0.differenceAlwaysValid?.high })
        append(
            "rule_outcomes_group_verdict", .gauge, "1 for the verdict that an outcome has.",
            arms.map { measured, arm in
                Sample(labels(measured, arm) + [("verdict", arm.verdict.word.rawValue)], 1)
            })
        append(
            "rule_outcomes_group_mismatched", .gauge,
            "1 where visitors are, or were, not split as declared, so that nothing is compared.",
            groups.map { Sample(labels($0), $0.group.isMismatched ? 1 : 0) })
        append(
            "rule_outcomes_guardrail_verdict", .gauge, "1 for the verdict that a guardrail has under an outcome.",
            arms.flatMap { measured, arm in
                arm.guardrails.map { guardrail in
                    Sample(
                        labels(measured, arm) + [
                            ("conversion", guardrail.conversion), ("verdict", guardrail.verdict.word.rawValue),
                        ], 1)
                }
            })
    }

    private func labels(_ measured: MeasuredGroup) -> [(name: String, value: String)] {
        [("site", measured.site), ("rule", measured.ruleID), ("group", measured.group.name)]
    }

    private func labels(_ measured: MeasuredGroup, _ arm: GroupReport.Arm) -> [(name: String, value: String)] {
        labels(measured) + [("outcome", arm.outcomeId)]
    }
}
