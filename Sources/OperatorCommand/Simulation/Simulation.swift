import Analytics
import Synchronization

/// Sends what a plan has, and finds out what was counted of it.
struct Simulation: Sendable {
    private static let foldingMax = Duration.seconds(30)
    private static let pollingInterval = Duration.milliseconds(50)
    /// Before a visitor's exposure to another outcome. The server tells which was the first by milliseconds.
    private static let crossingPause = Duration.milliseconds(2)

    let plan: SimulationPlan
    let sender: EndpointSender
    let analytics: AnalyticsClient
    let site: String
    let concurrency: Int

    /// What was sent, and the report on it.
    ///
    /// Throws when either end cannot be reached, when a visitor's request is refused or excluded, and when the rule
    /// version has exposures or conversions already, so that what is counted could not be told from what was sent.
    func run() async throws -> SimulationResult {
        let before = try await analytics.outcomes(site: site, ruleID: sender.ruleID)
        guard before?.hasCounts != true else {
            let name = sender.ruleID.escapedForTerminal
            throw CommandFailure.data(
                "rule version '\(name)' has exposures or conversions already: name another, or none")
        }
        try await sender.probe()
        let sent = try await sendAll()
        try await waitUntilFolded()
        return SimulationResult(
            plan: plan, sent: sent, groupsInForce: before?.groupsInForce ?? [],
            report: try await analytics.outcomes(site: site, ruleID: sender.ruleID))
    }

    /// So many at a time, until one fails for good.
    private func sendAll() async throws -> SimulationTally {
        let queue = SimulationQueue(visitors: plan.steps.map(\.visitor))
        let progress = ProgressDisplay(total: plan.steps.count)
        defer { progress.finish() }
        return try await withThrowingTaskGroup(of: SimulationTally.self) { group in
            for _ in 0..<concurrency {
                group.addTask { try await sendSome(of: queue, progress) }
            }
            return try await group.reduce(into: SimulationTally()) { $0.add($1) }
        }
    }

    private func sendSome(of queue: SimulationQueue, _ progress: ProgressDisplay) async throws -> SimulationTally {
        var tally = SimulationTally()
        var next = queue.take()
        while let index = next {
            try await send(plan.steps[index], tally: &tally)
            progress.advance()
            next = queue.finish(index) ?? queue.take()
        }
        return tally
    }

    private func send(_ step: SimulationPlan.Step, tally: inout SimulationTally) async throws {
        if step.crosses { try await Task.sleep(for: Self.crossingPause) }
        let visitor = plan.visitors[step.visitor]
        let reply = try await sender.send(step, of: visitor)
        guard visitor.program == nil else { return tally.answeredBot(status: reply.status) }
        switch reply.status {
        case 201: tally.recorded(step.key, visitor: step.visitor, attempts: reply.attempts)
        case 204: throw CommandFailure.negative("\(step.noun) was answered 204: nginx excludes requests from here")
        default: throw CommandFailure.negative("\(step.noun) was refused: \(reply.reason)")
        }
    }

    /// Waits until all that is in the journal now is in the reports too.
    private func waitUntilFolded() async throws {
        let target = try await analytics.status().journalSequence
        let deadline = ContinuousClock.now + Self.foldingMax
        while try await analytics.status().foldedSequence < target {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure.negative(
                    "what was sent is durable, but not counted after \(Self.foldingMax.components.seconds) seconds; "
                        + "the aggregator's log may say why")
            }
            try await Task.sleep(for: Self.pollingInterval)
        }
    }
}

/// What a simulation comes to.
struct SimulationResult {
    let comparison: SimulationComparison
    let rates: SimulatedRates

    /// - Parameters:
    ///   - groupsInForce: The names of the declared groups that had begun when the first step was sent.
    ///   - report: nil when nothing of the rule version is counted.
    init(plan: SimulationPlan, sent: SimulationTally, groupsInForce: Set<String>, report: OutcomesReport?) {
        comparison = SimulationComparison(plan: plan, sent: sent, groupsInForce: groupsInForce, report: report)
        rates = SimulatedRates(outcomes: plan.outcomes, report: report)
    }

    /// For a terminal of that width; nil for all that the cells take.
    func text(columnsMax: Int?) -> String {
        let groups =
            comparison.groups.isEmpty ? "" : "\n" + TextTable(groups: comparison.groups).text(columnsMax: columnsMax)
        let notes = comparison.groupsLeftOut.map { "\n\($0)\n" }.joined()
        return TextTable(counts: comparison.counts).text(columnsMax: columnsMax) + groups + notes
            + "\n\(comparison.closing)\n\n" + TextTable(rates).text(columnsMax: columnsMax) + "\n\(rates.closing)\n"
    }
}

/// Hands out steps in their order, but none of a visitor while another of the same visitor is under way.
///
/// So the server sees each visitor's steps in the order they were planned in, however many requests are under way.
/// Nobody waits for a visitor: whoever is busy with one carries on with what came due meanwhile.
final class SimulationQueue: Sendable {
    private struct State {
        var next = 0
        /// What came due of each visitor who has a step under way.
        var due: [Int: [Int]] = [:]
    }

    private let visitors: [Int]
    private let state = Mutex(State())

    /// - Parameter visitors: Whose step each is.
    init(visitors: [Int]) {
        self.visitors = visitors
    }

    /// The index of the next step, which has begun then; nil when none is left to begin.
    func take() -> Int? {
        state.withLock { state in
            while state.next < visitors.count {
                let index = state.next
                state.next += 1
                guard state.due[visitors[index]] != nil else {
                    state.due[visitors[index]] = []
                    return index
                }
                state.due[visitors[index]]?.append(index)
            }
            return nil
        }
    }

    /// Ends a step, and returns the same visitor's next one where that came due meanwhile, which has begun then.
    func finish(_ index: Int) -> Int? {
        state.withLock { state in
            let visitor = visitors[index]
            guard let due = state.due[visitor], let first = due.first else {
                state.due[visitor] = nil
                return nil
            }
            state.due[visitor] = Array(due.dropFirst())
            return first
        }
    }
}
