import Analytics

/// Sends a plan's conversions, and finds out what was counted of them.
struct Simulation: Sendable {
    private static let foldingMax = Duration.seconds(30)
    private static let pollingInterval = Duration.milliseconds(50)

    let plan: SimulationPlan
    let sender: ConversionSender
    let analytics: AnalyticsClient
    let site: String
    let concurrency: Int

    /// Throws when either end cannot be reached, when a conversion is refused, and when the rule version has conversions
    /// already, so that what is counted could not be told from what was sent.
    func run() async throws -> SimulationComparison {
        guard try await analytics.outcomes(site: site, ruleID: sender.ruleID) == nil else {
            let name = sender.ruleID.escapedForTerminal
            throw CommandFailure.data("rule version '\(name)' has conversions already: name another, or none")
        }
        try await sender.probe()
        let sent = try await sendAll()
        try await waitUntilFolded()
        return SimulationComparison(
            sent: sent, report: try await analytics.outcomes(site: site, ruleID: sender.ruleID))
    }

    /// So many at a time, each in the plan's order, until one fails for good.
    private func sendAll() async throws -> SimulationTally {
        let next = SharedCounter()
        let progress = ProgressDisplay(total: plan.steps.count)
        defer { progress.finish() }
        return try await withThrowingTaskGroup(of: SimulationTally.self) { group in
            for _ in 0..<concurrency {
                group.addTask { try await sendSome(from: next, progress) }
            }
            return try await group.reduce(into: SimulationTally()) { $0.add($1) }
        }
    }

    private func sendSome(from next: SharedCounter, _ progress: ProgressDisplay) async throws -> SimulationTally {
        var tally = SimulationTally()
        while case let index = next.take(), index < plan.steps.count {
            let step = plan.steps[index]
            let attempts = try await sender.send(step, of: plan.visitors[step.visitor])
            tally.acknowledged(plan.key(of: step), visitor: step.visitor, attempts: attempts)
            progress.advance()
        }
        return tally
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
