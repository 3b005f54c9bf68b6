import Analytics

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
