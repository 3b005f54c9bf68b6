import Analytics

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
            node.children.firstIndex { $0.steps[0].utf8.elementsEqual(step.utf8) } ?? node.children.count
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
