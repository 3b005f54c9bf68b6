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
            Column("outcome", .left, .shortened), Column(name, .left, .shortened, isKey: true),
            Column("figure", isKey: true), Column("sent", .right), Column("counted", .right), Column(""),
        ])
        for figure in figures {
            append([
                figure.outcomeID, figure.name, figure.figure.rawValue, figure.sent.brief, "\(figure.counted)",
                figure.isEqual ? "" : "different",
            ])
        }
    }
}

/// One figure of a report, as it was sent and as it is counted.
struct ComparedFigure: Equatable {
    /// As a report calls it.
    enum Figure: String {
        case exposed, exposures, converted, unattributed, events, crossed
    }

    let outcomeID: String
    /// A conversion, or the name of a group; empty for the outcome itself.
    let name: String
    let figure: Figure
    /// More than one number where requests were sent again: nobody can tell which of the unanswered ones arrived.
    let sent: ClosedRange<Int>
    let counted: Int

    var isEqual: Bool { sent.contains(counted) }

    var difference: String {
        let words = [outcomeID, name, figure.rawValue].filter { !$0.isEmpty }.map(\.escapedForTerminal)
        return "\(words.joined(separator: " ")): sent \(sent.brief), counted \(counted)"
    }
}

extension ComparedFigure {
    /// Of an outcome and each conversion under it, whether it was sent or counted.
    static func all(
        of id: String, conversions: [String], _ sent: SimulationTally, _ counted: OutcomesReport.Outcome?
    ) -> [ComparedFigure] {
        let exposures = sent.count(of: .exposure(to: id))
        let rows = Dictionary((counted?.conversions ?? []).map { ($0.name, $0) }) { first, _ in first }
        let ofOutcome = [
            ComparedFigure(id, "", .exposed, exposures.visitors.count, counted?.exposed),
            ComparedFigure(id, "", .exposures, exposures.events, counted?.exposures),
        ]
        return Set(conversions).union(rows.keys).sorted().reduce(into: ofOutcome) { figures, name in
            let count = sent.count(of: SimulationKey(outcomeID: id, conversion: name))
            let converted = count.visitors.intersection(exposures.visitors).count
            let unattributed = count.visitors.count - converted
            figures += [
                ComparedFigure(id, name, .converted, converted, rows[name]?.converted),
                ComparedFigure(id, name, .unattributed, unattributed, rows[name]?.unattributed),
                ComparedFigure(id, name, .events, count.events, rows[name]?.events),
            ]
        }
    }

    private init(_ id: String, _ name: String, _ figure: Figure, _ sent: ClosedRange<Int>, _ counted: Int?) {
        self.init(outcomeID: id, name: name, figure: figure, sent: sent, counted: counted ?? 0)
    }

    /// Visitors are known exactly, however often their requests were sent.
    init(_ id: String, _ name: String, _ figure: Figure, _ sent: Int, _ counted: Int?) {
        self.init(id, name, figure, sent...sent, counted)
    }
}

extension ClosedRange<Int> {
    /// One number, or two with a dash.
    var brief: String {
        lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)"
    }
}

/// What was sent and acknowledged, by outcome and conversion.
struct SimulationTally: Sendable, Equatable {
    struct Count: Sendable, Equatable {
        /// Those with at least one that was acknowledged, by their index in the plan.
        var visitors: Set<Int> = []
        /// Exposures or conversions that were answered 201.
        var acknowledged = 0
        /// Requests, of which those that were not answered 201 may have been counted all the same.
        var attempted = 0

        /// How many may have been counted: each that was acknowledged, and nobody can tell which of the others.
        var events: ClosedRange<Int> { acknowledged...attempted }
    }

    private(set) var counts: [SimulationKey: Count] = [:]
    /// How many requests of bots were answered with each status.
    private(set) var botAnswers: [Int: Int] = [:]

    /// A visitor's exposure or conversion was answered 201 at the last of so many attempts.
    mutating func recorded(_ key: SimulationKey, visitor: Int, attempts: Int) {
        counts[key, default: Count()].visitors.insert(visitor)
        counts[key, default: Count()].acknowledged += 1
        counts[key, default: Count()].attempted += attempts
    }

    /// A bot's request was answered, and not to be sent again.
    mutating func answeredBot(status: Int) {
        botAnswers[status, default: 0] += 1
    }

    mutating func add(_ other: SimulationTally) {
        for (key, count) in other.counts {
            counts[key, default: Count()].visitors.formUnion(count.visitors)
            counts[key, default: Count()].acknowledged += count.acknowledged
            counts[key, default: Count()].attempted += count.attempted
        }
        botAnswers.merge(other.botAnswers, uniquingKeysWith: +)
    }

    func count(of key: SimulationKey) -> Count { counts[key] ?? Count() }

    /// Distinct over all outcomes and conversions.
    var visitors: Int {
        counts.values.reduce(into: Set<Int>()) { $0.formUnion($1.visitors) }.count
    }

    var exposures: Int { counts.reduce(0) { $0 + ($1.key.conversion == nil ? $1.value.acknowledged : 0) } }
    var acknowledged: Int { counts.values.reduce(0) { $0 + $1.acknowledged } }
    var attempted: Int { counts.values.reduce(0) { $0 + $1.attempted } }
}

extension OutcomesReport {
    /// Whether anything is counted; a rule version that is declared has a report without.
    var hasCounts: Bool {
        outcomes.contains { outcome in outcome.exposures > 0 || outcome.conversions.contains { $0.events > 0 } }
    }

    /// The names of the groups that hold for exposures from now on. A group begins with a quarter of an hour, so one
    /// that begins after `asOf` is still to begin. RFC 3339 in UTC sorts as time does.
    var groupsInForce: Set<String> {
        Set(groups.filter { $0.start.text <= asOf.text }.map(\.name))
    }
}

extension GroupReport {
    /// Visitors belong to the first of the group's outcomes that they were exposed to.
    func compared(with visitors: [SimulatedVisitor]) -> [ComparedFigure] {
        let members = Set(arms.map(\.outcomeId))
        let met = visitors.map { $0.outcomeIDs.filter(members.contains) }
        let ofArm = Dictionary(grouping: met.filter { !$0.isEmpty }) { $0[0] }
        return arms.flatMap { arm in
            let exposed = ofArm[arm.outcomeId] ?? []
            let crossed = exposed.count { $0.count > 1 }
            return [
                ComparedFigure(arm.outcomeId, name, .exposed, exposed.count, arm.exposed),
                ComparedFigure(arm.outcomeId, name, .crossed, crossed, arm.crossed),
            ]
        }
    }

    /// Why it is not compared, where it began after the traffic.
    var leftOut: String {
        "group \(name.escapedForTerminal) is left out: it holds for exposures from \(start.brief) UTC on, and "
            + "these came before"
    }
}
