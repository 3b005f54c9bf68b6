import Analytics
import FoundationEssentials

/// The paths of a rule as a flow, and as a list for who cannot see that.
struct JourneyPage {
    /// A line of the list.
    struct Step {
        let indent: String
        let title: String
        /// The steps that lead here; nil where they say no more than the title.
        let way: String?
        let detail: String
        /// What came of those whose way ends here; nil where it goes on, or nobody was exposed.
        let result: String?
        let isOutcome: Bool
        /// The shade of its rate; empty for none.
        let tone: String
    }

    let frame: Frame
    let name: String
    let period: String
    let basis: String
    let notes: [String]
    let back: String
    let conversion: String
    let flow: JourneyFlow
    let steps: [Step]
    let scale: JourneyRates.Legend?
    let hasExposures: Bool
    let isCohort: Bool
    let isCrossed: Bool
    let asOf: String

    /// - Parameter stepName: what people call a step, given the whole way to it; nil where none has a name.
    init(
        frame: Frame, query: RuleQuery, report: OutcomesReport, zone: Zone,
        stepName: (([String]) -> String?)? = nil
    ) {
        let tree = JourneyTree(report, name: stepName)
        self.frame = frame
        name = report.ruleName ?? report.ruleId
        period = RulePage.periodText(report, zone: zone)
        basis = report.basis.label
        notes = report.notes.map { "\($0)." }
        back = "rule" + query.text
        let conversion = query.conversion ?? RulePage.mainConversion(of: report)
        self.conversion = conversion ?? "all other conversions"
        let rates = JourneyRates(tree.root.outcomes, conversion: conversion, basis: report.basis)
        scale = rates.legend
        flow = JourneyFlow(tree.folded, rates: rates)
        steps = Self.steps(of: tree.root, depth: 0, parent: nil, rates: rates)
        isCohort = report.basis == .cohort
        hasExposures = tree.root.visitors > 0
        asOf = Moment.text(asOf: report, in: zone)
        isCrossed = report.groups.flatMap(\.arms).contains { $0.crossed > 0 }
    }

    private static func steps(
        of node: JourneyTree.Node, depth: Int, parent: JourneyTree.Node?, rates: JourneyRates
    ) -> [Step] {
        let way = node.steps.map(\.title).joined(separator: " → ")
        let step = Step(
            indent: "\(min(depth, 8))", title: node.title, way: way.isEmpty || way == node.title ? nil : way,
            detail: node.detail(parent: parent), result: node.outcome.flatMap(rates.text),
            isOutcome: node.outcome != nil, tone: node.outcome.map(rates.shade) ?? "")
        return [step] + node.children.flatMap { steps(of: $0, depth: depth + 1, parent: node, rates: rates) }
    }
}
