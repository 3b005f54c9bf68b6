import Analytics
import Foundation

/// The paths of a rule as a flow, and as a list for who cannot see that.
struct JourneyPage {
    /// A line of the list.
    struct Step {
        let indent: String
        let title: String
        /// The steps that lead here; nil where they say no more than the title.
        let way: String?
        let detail: String
        let isOutcome: Bool
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
    let hasExposures: Bool
    let isCrossed: Bool

    init(frame: Frame, query: RuleQuery, report: OutcomesReport, zone: Zone) {
        let tree = JourneyTree(report)
        self.frame = frame
        name = report.ruleName ?? report.ruleId
        period = RulePage.periodText(report, zone: zone)
        basis = report.basis.label
        notes = report.notes.map { "\($0)." }
        back = "rule" + query.text
        let conversion = query.conversion ?? RulePage.mainConversion(of: report)
        self.conversion = conversion ?? "all other conversions"
        flow = JourneyFlow(tree, conversion: conversion)
        steps = Self.steps(of: tree.root, depth: 0, parent: nil, conversion: conversion)
        hasExposures = tree.root.visitors > 0
        isCrossed = report.groups.flatMap(\.arms).contains { $0.crossed > 0 }
    }

    private static func steps(
        of node: JourneyTree.Node, depth: Int, parent: JourneyTree.Node?, conversion: String?
    ) -> [Step] {
        let way = node.steps.joined(separator: " → ")
        let step = Step(
            indent: "\(min(depth, 8))", title: node.title, way: way.isEmpty || way == node.title ? nil : way,
            detail: node.detail(parent: parent, conversion: conversion), isOutcome: node.outcome != nil)
        return [step] + node.children.flatMap { steps(of: $0, depth: depth + 1, parent: node, conversion: conversion) }
    }
}
