import Analytics

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
