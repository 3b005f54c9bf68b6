import Analytics

extension RulePage.Row {
    /// - Parameters:
    ///   - conversion: the one that is shown; nil for all those together that have no name.
    ///   - baseline: what the outcome is set beside.
    init(
        _ outcome: OutcomesReport.Outcome, _ report: OutcomesReport, conversion: String?,
        baseline: OutcomesReport.Outcome?, axis: RateAxis
    ) {
        let counted = outcome.conversion(named: conversion)
        let group = report.groups.first { $0.name == outcome.group }
        let arm = group?.arms.first { $0.outcomeId == outcome.outcomeId }
        let difference = baseline.flatMap {
            report.difference(of: outcome, from: $0, conversion: conversion)
        }
        name = outcome.label.name
        id = outcome.label.id
        isBaseline = baseline?.isSame(as: outcome) == true
        verdict = outcome.verdict.word.rawValue
        verdictTone = outcome.verdict.word.tone
        verdictReason = outcome.verdict.reason
        exposed = outcome.exposed.grouped
        converted = counted.map { $0.converted?.grouped ?? "–" } ?? (outcome.exposed > 0 ? "0" : "–")
        rate = counted?.rate?.percent ?? (counted == nil && outcome.exposed > 0 ? 0.0.percent : "–")
        interval = counted?.rateInterval?.percent
        bar = counted.flatMap { RulePage.Bar($0, name: outcome.label.name, axis: axis) }
        self.difference = difference?.estimate.points
        differenceInterval = difference?.oneLook.points
        maturing = outcome.maturing?.grouped ?? "–"
        crossed = arm?.crossed.grouped
        unattributed = counted?.unattributed?.grouped ?? "–"
        visitors = counted?.visitors?.grouped ?? "–"
        events = counted?.events.grouped ?? "0"
    }
}

extension RulePage.Bar {
    /// nil where there is no rate.
    fileprivate init?(_ conversion: OutcomesReport.Conversion, name: String, axis: RateAxis) {
        guard let rate = conversion.rate else { return nil }
        let interval = conversion.rateInterval
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
