import Analytics

/// What was sent beside what was counted.
struct SimulationComparison {
    /// Of each outcome, sorted.
    let counts: [ComparedFigure]
    /// Of the arms of each group that is compared.
    let groups: [ComparedFigure]
    /// Why other groups are not, a line each.
    let groupsLeftOut: [String]
    private let sent: SimulationTally
    private let bots: Int

    /// - Parameters:
    ///   - groupsInForce: The names of the declared groups that had begun when the first step was sent.
    ///   - report: nil when nothing of the rule version is counted.
    init(plan: SimulationPlan, sent: SimulationTally, groupsInForce: Set<String>, report: OutcomesReport?) {
        let counted = Dictionary((report?.outcomes ?? []).map { ($0.id, $0) }) { first, _ in first }
        let keys = Dictionary(grouping: sent.counts.keys, by: \.outcomeID)
        counts = Set(keys.keys).union(counted.keys).sorted().flatMap { id in
            ComparedFigure.all(of: id, conversions: keys[id]?.compactMap(\.conversion) ?? [], sent, counted[id])
        }
        let declared = report?.groups ?? []
        groups = declared.filter { groupsInForce.contains($0.name) }.flatMap { $0.compared(with: plan.visitors) }
        groupsLeftOut = declared.filter { !groupsInForce.contains($0.name) }.map(\.leftOut)
        self.sent = sent
        bots = plan.visitors.count { $0.program != nil }
    }

    var isEqual: Bool { differences.isEmpty }

    /// `equal: …`, or a line for each difference.
    var closing: String {
        guard isEqual else { return differences.map { "different: \($0)" }.joined(separator: "\n") }
        let conversions = sent.acknowledged - sent.exposures
        let facts =
            "\(sent.visitors) visitors, \(sent.exposures) exposures and \(conversions) conversions, all counted; "
            + "0 of \(bots) bots counted"
        let again = sent.attempted - sent.acknowledged
        guard again > 0 else { return "equal: \(facts)" }
        let events = counts.filter { [.exposures, .events].contains($0.figure) }.reduce(0) { $0 + $1.counted }
        return
            "equal: \(facts); \(again) requests were sent again, and \(events - sent.acknowledged) of those are events "
            + "of their own"
    }

    private var differences: [String] {
        (counts + groups).filter { !$0.isEqual }.map(\.difference) + unexpectedBotAnswers
    }

    /// What nginx takes for a bot is the site's own decision, so this may be meant.
    private var unexpectedBotAnswers: [String] {
        sent.botAnswers.filter { $0.key != 204 }.sorted { $0.key < $1.key }.map { status, count in
            "\(count) requests of bots were answered \(status), not 204: does this nginx know bots by their User-Agent?"
        }
    }
}

extension TextTable {
    init(counts: [ComparedFigure]) {
        self.init(counts, of: "conversion")
    }

    init(groups: [ComparedFigure]) {
        self.init(groups, of: "group")
    }

    private init(_ figures: [ComparedFigure], of name: String) {
        self.init(columns: [
            Column("outcome", shortens: true), Column(name, shortens: true), Column("figure"), Column("sent", .right),
            Column("counted", .right), Column(""),
        ])
        for figure in figures {
            append([
                figure.outcomeID, figure.name, figure.figure.rawValue, figure.sent.brief, "\(figure.counted)",
                figure.isEqual ? "" : "different",
            ])
        }
    }
}
