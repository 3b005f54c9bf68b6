import Analytics
import FoundationEssentials
import Records

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

/// The paths through a rule, as their outcomes' ids tell them: `graph/1#1,graph/1#2` leads by `graph/1#1` to `graph/1#2`.
struct JourneyTree {
    struct Node {
        /// The steps that lead from the node before to this one; several where nothing branches off between them.
        var steps: [String]
        /// Visitors of all outcomes that the way leads to.
        var visitors: Int
        /// The outcome that the way ends in here; nil where it only goes on.
        var outcome: OutcomesReport.Outcome?
        var children: [Node]
    }

    /// Where all begin.
    let root: Node

    /// Of the report's outcomes that somebody was exposed to, or where nobody was to any, of all.
    init(_ report: OutcomesReport) {
        let isCounted = report.outcomes.contains { $0.exposed > 0 }
        var root = Node(steps: [], visitors: 0, outcome: nil, children: [])
        for outcome in report.outcomes where !isCounted || outcome.exposed > 0 {
            let path = outcome.outcomeId?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            Self.add(outcome, path: (path ?? [outcome.label.name])[...], to: &root)
        }
        root.children = root.children.map(Self.withEnds).map(Self.shortened)
        // The first ways that all visitors take tell nothing.
        if root.children.count == 1, root.children[0].outcome == nil { root.children = root.children[0].children }
        self.root = root
    }

    private static func add(_ outcome: OutcomesReport.Outcome, path: ArraySlice<String>, to node: inout Node) {
        node.visitors += outcome.exposed
        guard let step = path.first else {
            node.outcome = outcome
            return
        }
        let index =
            node.children.firstIndex { $0.steps[0].hasBytes(of: step) } ?? node.children.count
        if index == node.children.count {
            node.children.append(Node(steps: [step], visitors: 0, outcome: nil, children: []))
        }
        add(outcome, path: path.dropFirst(), to: &node.children[index])
    }

    /// Where an outcome stands on the way to others, those who came no further are a way of their own.
    private static func withEnds(_ node: Node) -> Node {
        var node = node
        node.children = node.children.map(withEnds)
        guard let outcome = node.outcome, !node.children.isEmpty else { return node }
        node.outcome = nil
        node.children.insert(Node(steps: [], visitors: outcome.exposed, outcome: outcome, children: []), at: 0)
        return node
    }

    /// Steps between which nothing branches off are one way.
    private static func shortened(_ node: Node) -> Node {
        var node = node
        node.children = node.children.map(shortened)
        guard node.outcome == nil, node.children.count == 1, !node.steps.isEmpty else { return node }
        var child = node.children[0]
        child.steps = node.steps + child.steps
        return child
    }
}

/// A journey drawn from left to right: a band for each way, as thick as its share of the visitors.
struct JourneyFlow {
    struct Band {
        /// SVG's `d`.
        let path: String
        let width: String
    }

    struct Label {
        let x: String
        let y: String
        let titleY: String
        let detailY: String
        let text: String
        let detail: String
        let isOutcome: Bool
    }

    private static let columnWidth = 260.0
    private static let rowHeight = 84.0
    private static let thickest = 44.0
    private static let margin = 12.0

    private(set) var bands: [Band] = []
    private(set) var labels: [Label] = []
    let width: String
    let height: String

    /// - Parameter conversion: whose rate stands at the ends; nil for all those together that have no name.
    init(_ tree: JourneyTree, conversion: String? = nil) {
        var drawing = Drawing(total: max(tree.root.visitors, 1), conversion: conversion)
        _ = drawing.draw(tree.root, column: 0, parent: nil)
        bands = drawing.bands
        labels = drawing.labels
        width = Coordinate.text(max(Double(drawing.columns + 1) * Self.columnWidth, drawing.right + Self.margin))
        height = Coordinate.text(Double(max(drawing.rows, 1)) * Self.rowHeight + Self.margin)
    }

    private struct Drawing {
        let total: Int
        let conversion: String?
        var bands: [Band] = []
        var labels: [Label] = []
        var rows = 0
        var columns = 0
        /// How far to the right labels may reach.
        var right = 0.0

        /// Draws what leads on from a node, then the node in the middle of it; returns how high it stands.
        mutating func draw(_ node: JourneyTree.Node, column: Int, parent: JourneyTree.Node?) -> Double {
            columns = max(columns, column)
            let x = Double(column) * columnWidth + margin
            var heights: [Double] = []
            for child in node.children { heights.append(draw(child, column: column + 1, parent: node)) }
            let y: Double
            if let first = heights.first, let last = heights.last {
                y = (first + last) / 2
            } else {
                y = (Double(rows) + 0.5) * rowHeight
                rows += 1
            }
            // Bands leave a node beside each other, as thick together as it is.
            var edge = y - thickness(node) / 2
            for (child, height) in zip(node.children, heights) {
                let own = thickness(child)
                band(child, from: (x, edge + own / 2), to: height)
                edge += own
            }
            label(node, x: x, y: y, parent: parent)
            return y
        }

        private mutating func band(_ child: JourneyTree.Node, from start: (x: Double, y: Double), to y: Double) {
            let (end, middle) = (start.x + columnWidth, start.x + columnWidth / 2)
            let numbers = [start.x, start.y, middle, start.y, middle, y, end, y].map(Coordinate.text)
            bands.append(
                Band(
                    path: "M\(numbers[0]) \(numbers[1])C\(numbers[2]) \(numbers[3]) \(numbers[4]) \(numbers[5]) "
                        + "\(numbers[6]) \(numbers[7])",
                    width: Coordinate.text(max(1.5, thickness(child)))))
        }

        private func thickness(_ node: JourneyTree.Node) -> Double {
            Double(node.visitors) / Double(total) * thickest
        }

        private mutating func label(_ node: JourneyTree.Node, x: Double, y: Double, parent: JourneyTree.Node?) {
            // Above and below the band, which is as thick as the node.
            let half = thickness(node) / 2
            let (text, detail) = (node.title.shortened(to: 30), node.detail(parent: parent, conversion: conversion))
            right = max(right, x + 4 + max(text.widthMax(fontSize: 14), detail.widthMax(fontSize: 12)))
            labels.append(
                Label(
                    x: Coordinate.text(x + 4), y: Coordinate.text(y), titleY: Coordinate.text(y - half - 6),
                    detailY: Coordinate.text(y + half + 15), text: text, detail: detail,
                    isOutcome: node.outcome != nil))
        }
    }
}

extension JourneyTree.Node {
    /// The outcome's name where it has one, otherwise the last step.
    var title: String {
        if let name = outcome?.outcomeName { return name }
        return steps.last ?? (outcome == nil ? "All visitors" : "no further")
    }

    /// `1 234 visitors, 56.7 %; 4.2 % converted`: of those who came to where the ways part, and of themselves.
    func detail(parent: JourneyTree.Node?, conversion: String? = nil) -> String {
        let count = "\(visitors.grouped) visitor\(visitors == 1 ? "" : "s")"
        guard let parent, parent.visitors > 0 else { return count }
        let rate = outcome?.conversion(named: conversion)?.rate
        return "\(count), \((Double(visitors) / Double(parent.visitors)).percent)"
            + (rate.map { "; \($0.percent) converted" } ?? "")
    }
}

extension String {
    /// How wide it is at most in a bold sans-serif: nobody here can measure it.
    fileprivate func widthMax(fontSize: Double) -> Double {
        unicodeScalars.reduce(0) { width, scalar in
            let isWide = !scalar.isASCII || "@%&MWmw".unicodeScalars.contains(scalar) || scalar.properties.isUppercase
            return width + fontSize * (isWide ? 1.1 : 0.75)
        }
    }

    /// With an ellipsis where it is longer.
    fileprivate func shortened(to count: Int) -> String {
        self.count <= count ? self : self.prefix(count - 1) + "…"
    }
}
