import ConfigurationFile

/// What the aggregator knows that may tell why its numbers are not Zephr's, all of the time that is compared.
public struct ComparisonEvidence: Sendable {
    let report: OutcomesReport
    let rules: RulesReport
    let answers: AnswersReport
    let siteAnswers: AnswersReport

    /// - Parameters:
    ///   - report: by the cohort.
    ///   - answers: of the rule version.
    ///   - siteAnswers: of all of the site.
    public init(
        report: OutcomesReport, rules: RulesReport, answers: AnswersReport, siteAnswers: AnswersReport
    ) {
        self.report = report
        self.rules = rules
        self.answers = answers
        self.siteAnswers = siteAnswers
    }

    /// All that an outcome of an export may be, those with records first.
    var outcomes: [OwnOutcome] {
        let recorded = report.outcomes.map { outcome in
            OwnOutcome(
                id: outcome.outcomeId.map { OpaqueID($0) }, name: outcome.outcomeName,
                place: OutcomePlace(tab: outcome.outcomeTab, path: outcome.outcomePath))
        }
        return recorded + (report.unseenOutcomes ?? []).map { OwnOutcome($0, .unseen) }
            + (report.hiddenOutcomes ?? []).map { OwnOutcome($0, .hidden) }
    }

    /// Those of the report's notes that are of its counts.
    var notes: [String] { report.notes.filter { !$0.hasPrefix(ReportNotes.range) } }

    /// nil where nothing is recorded.
    var firstEvent: Timestamp? {
        let id = OpaqueID(report.ruleId)
        return rules.rules.first { $0.ruleId.map { OpaqueID($0) } == id }?.firstEvent
    }
}

extension OwnOutcome {
    fileprivate init(_ outcome: OutcomesReport.DeclaredOutcome, _ state: State) {
        self.init(
            id: OpaqueID(outcome.outcomeId), name: outcome.outcomeName,
            place: OutcomePlace(tab: outcome.outcomeTab, path: outcome.outcomePath), state: state)
    }
}

extension AnswersReport {
    /// How many there are, and of which kinds, the most frequent first; nil for none.
    func refused(
        at doors: Set<String>, _ isMeant: (Answers) -> Bool
    ) -> (count: Int, reasons: String)? {
        Self.told(
            buckets.flatMap(\.answers).filter { answers in
                answers.isRefused && answers.door.map(doors.contains) == true && isMeant(answers)
            }.map { ($0.status == 0 ? $0.reason : "\($0.status) \($0.reason)", $0.count) })
    }

    var excluded: (count: Int, reasons: String)? {
        let prefix = "excluded:"
        return Self.told(
            buckets.flatMap(\.answers).filter { $0.reason.hasPrefix(prefix) }.map {
                (String($0.reason.dropFirst(prefix.count)), $0.count)
            })
    }

    private static let kindsMax = 4

    private static func told(_ kinds: [(name: String, count: Int)]) -> (count: Int, reasons: String)? {
        let counts = Dictionary(kinds.map { ($0.name, $0.count) }, uniquingKeysWith: +)
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard !sorted.isEmpty else { return nil }
        let named = sorted.prefix(kindsMax).map { "\($0.key) \($0.value)" }
        let rest = sorted.count > kindsMax ? ["and others"] : []
        return (counts.values.reduce(0, +), (named + rest).joined(separator: ", "))
    }
}
