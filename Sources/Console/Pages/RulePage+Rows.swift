import Analytics
import Storage

extension RulePage.Row {
    /// - Parameters:
    ///   - conversion: the one that is shown; nil for all those together that have no name.
    ///   - baseline: what the outcome is set beside.
    init(
        _ outcome: OutcomesReport.Outcome, _ report: OutcomesReport, conversion: String?,
        baseline: OutcomesReport.Outcome?, axis: RateAxis
    ) {
        let counted = outcome.conversion(named: conversion)
        let arm = report.groups.lazy.flatMap(\.arms).first { arm in
            outcome.outcomeId.map { DimensionName($0) } == DimensionName(arm.outcomeId)
        }
        let difference = baseline.flatMap {
            report.difference(of: outcome, from: $0, conversion: conversion)
        }
        name = OutcomeLabel.parts(outcome.label.name)
        id = outcome.label.id.map(OutcomeLabel.parts) ?? []
        isBaseline = baseline?.isSame(as: outcome) == true
        exposed = outcome.exposed.grouped
        converted = counted.map { $0.converted?.grouped ?? "–" } ?? (outcome.exposed > 0 ? "0" : "–")
        let measured = report.basis == .cohort ? outcome.rate(of: conversion) : nil
        let rate = measured?.rate ?? counted?.rate
        self.rate = rate?.percent ?? "–"
        interval = measured?.interval.percent
        bar = rate.map { RulePage.Bar($0, measured?.interval, name: outcome.label.name, axis: axis) }
        self.difference = difference?.estimate.points
        differenceInterval = difference?.oneLook.points
        maturing = outcome.maturing?.grouped ?? "–"
        crossed = arm?.crossed.grouped
        unattributed = counted?.unattributed?.grouped ?? "–"
        visitors = counted?.visitors?.grouped ?? "–"
        events = counted?.events.grouped ?? "0"
    }
}

extension RulePage.GroupRow {
    init(_ arm: GroupReport.Arm, axis: RateAxis) {
        name = arm.label
        rate = arm.rate?.percent ?? "–"
        interval = arm.rateInterval?.percent
        bar = arm.rate.map { RulePage.Bar($0, arm.rateInterval, name: arm.label, axis: axis) }
        converted = arm.converted.grouped
        mature = arm.mature.grouped
        maturing = arm.maturing.grouped
        difference = arm.difference?.points
        differenceInterval = arm.differenceAlwaysValid?.points
        verdict = arm.verdict.word.rawValue
        tone = arm.verdict.word.tone
    }
}

extension RulePage.Bar {
    fileprivate init(_ rate: Double, _ interval: Bounds?, name: String, axis: RateAxis) {
        self.init(
            rate: axis.x(rate), low: interval.map { axis.x($0.low) }, high: interval.map { axis.x($0.high) },
            title: "\(name): \(rate.percent)" + (interval.map { ", interval \($0.percent)" } ?? ""))
    }
}

extension Verdict.Word {
    /// What colour goes with it.
    var tone: String {
        switch self {
        case .better: "ahead"
        case .worse: "behind"
        case .noDifferenceShownYet, .maturing: "open"
        case .cannotBeCompared, .baseline: "none"
        }
    }
}
