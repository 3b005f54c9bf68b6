import Analytics

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
