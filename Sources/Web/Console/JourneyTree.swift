import Analytics
import Records

/// The paths through a rule, as their outcomes' ids tell them: `graph/1#1,graph/1#2` leads by `graph/1#1` to `graph/1#2`.
struct JourneyTree {
    struct Node {
        /// The steps that lead from the node before to this one; several where nothing branches off between them.
        var steps: [Step]
        /// Visitors of all outcomes that the way leads to.
        var visitors: Int
        /// The outcome that the way ends in here; nil where it only goes on.
        var outcome: OutcomesReport.Outcome?
        /// The way that visitors take most comes first.
        var children: [Node]
        /// How many ways are folded together here; 0 for a way of its own.
        var folded = 0
    }

    struct Step: Equatable {
        let id: String
        /// What people call it; nil where none is declared.
        let name: String?

        var title: String { name ?? id }
    }

    /// Farther along, steps have no names: an id may have hundreds of them.
    private static let namedStepsMax = 32

    /// Where all begin.
    let root: Node

    /// Of the report's outcomes that somebody was exposed to, or where nobody was to any, of all.
    ///
    /// - Parameter name: what people call a step, given the whole way to it; nil where none has a name.
    init(_ report: OutcomesReport, name: (([String]) -> String?)? = nil) {
        let isCounted = report.outcomes.contains { $0.exposed > 0 }
        var root = Node(steps: [], visitors: 0, outcome: nil, children: [])
        for outcome in report.outcomes where !isCounted || outcome.exposed > 0 {
            let path = outcome.outcomeId?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let ids = path ?? [outcome.label.name]
            let steps = ids.indices.map { index in
                Step(id: ids[index], name: index < Self.namedStepsMax ? name?(Array(ids[...index])) : nil)
            }
            Self.add(outcome, path: steps[...], to: &root)
        }
        root.children = root.children.map(Self.withEnds).map(Self.shortened)
        // The first ways that all visitors take tell nothing.
        if root.children.count == 1, root.children[0].outcome == nil { root.children = root.children[0].children }
        self.root = Self.sorted(root)
    }

    private init(root: Node) {
        self.root = root
    }

    private static func add(_ outcome: OutcomesReport.Outcome, path: ArraySlice<Step>, to node: inout Node) {
        node.visitors += outcome.exposed
        guard let step = path.first else {
            node.outcome = outcome
            return
        }
        let index =
            node.children.firstIndex { $0.steps[0].id.hasBytes(of: step.id) } ?? node.children.count
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
        node.children.append(Node(steps: [], visitors: outcome.exposed, outcome: outcome, children: []))
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

    /// Those of as many visitors stay in the order of the report.
    private static func sorted(_ node: Node) -> Node {
        var node = node
        node.children = node.children.map(sorted).enumerated().sorted {
            ($1.element.visitors, $0.offset) < ($0.element.visitors, $1.offset)
        }.map(\.element)
        return node
    }
}

extension JourneyTree {
    /// More ways than these do not part from one point in a drawing.
    private static let waysMax = 8

    /// The same with the tails of many ways folded together, for a drawing.
    var folded: JourneyTree { JourneyTree(root: Self.folded(root)) }

    private static func folded(_ node: Node) -> Node {
        var node = node
        let kept = node.children.count > waysMax ? waysMax - 1 : node.children.count
        let tail = node.children.dropFirst(kept)
        node.children = node.children.prefix(kept).map(folded)
        if !tail.isEmpty {
            node.children.append(
                Node(
                    steps: [], visitors: tail.reduce(0) { $0 + $1.visitors }, outcome: nil, children: [],
                    folded: tail.count))
        }
        return node
    }
}

extension JourneyTree.Node {
    /// Its outcomes, those on the ways from here on among them.
    var outcomes: [OutcomesReport.Outcome] {
        (outcome.map { [$0] } ?? []) + children.flatMap(\.outcomes)
    }

    /// The outcome's name where it has one, otherwise the last step.
    var title: String {
        if folded > 0 { return "\(folded.grouped) smaller ways" }
        if let name = outcome?.outcomeName { return name }
        return steps.last?.title ?? (outcome == nil ? "All visitors" : "no further")
    }

    /// `1 234 visitors, 56.7 %`: of those who came to where the ways part.
    func detail(parent: JourneyTree.Node?) -> String {
        let count = "\(visitors.grouped) visitor\(visitors == 1 ? "" : "s")"
        guard let parent, parent.visitors > 0 else { return count }
        return "\(count), \((Double(visitors) / Double(parent.visitors)).percent)"
    }
}
