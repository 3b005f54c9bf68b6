import ConfigurationFile
import Storage

/// Likely reasons why two counts differ. Each is told only where the evidence has it, and fits which of the two is greater.
struct DifferenceReasons: Sendable {
    struct Subject {
        let own: OwnOutcome?
        let rows: [ZephrOutcome]
        let failure: OutcomeMatching.Failure?
    }

    struct Difference {
        /// nil for the total; an empty one for those that have no name of their own.
        let conversion: OpaqueID?
        /// Whether the file has a column for it, and whether any row of it has some.
        let isInFile: Bool
        let isInFileAtAll: Bool
        let day: String?
        let zephr: Int?
        let here: Int?
        let movesBetweenDays: Bool

        var isLessHere: Bool { (zephr ?? 0) > (here ?? 0) }
        var isMoreHere: Bool { (here ?? 0) > (zephr ?? 0) }
    }

    /// What is said where nothing else is to be.
    static let none =
        "No reason is seen from here. What was erased or deleted leaves no trace, and neither does what never arrived."

    let evidence: ComparisonEvidence
    let outcomes: [OpaqueID?: OutcomesReport.Outcome]
    let period: ReportPeriod
    let variant: ZephrExport.Variant
    let fileName: ZephrFileName
    let secondOfDay: Int64

    /// - Parameter secondOfDay: when the file's days begin, in the period's time zone.
    init(
        _ evidence: ComparisonEvidence, period: ReportPeriod, variant: ZephrExport.Variant, fileName: ZephrFileName,
        secondOfDay: Int64
    ) {
        self.evidence = evidence
        outcomes = Dictionary(
            evidence.report.outcomes.map { ($0.outcomeId.map { OpaqueID($0) }, $0) },
            uniquingKeysWith: { first, _ in first })
        self.period = period
        self.variant = variant
        self.fileName = fileName
        self.secondOfDay = secondOfDay
    }

    /// Whether differences of days in order come out at about nothing, so that what one day lacks another has.
    static func movesBetweenDays(_ differences: [Int]) -> Bool {
        let sum = abs(differences.reduce(0, +))
        let moved = differences.reduce(0) { $0 + abs($1) }
        return differences.contains { $0 > 0 } && differences.contains { $0 < 0 } && sum * 10 <= moved
    }

    /// Why an outcome is in one of the two alone.
    func reasons(for subject: Subject) -> [String] {
        guard let failure = subject.failure, let row = subject.rows.first else {
            guard let own = subject.own, subject.rows.isEmpty else { return [] }
            return ["No row of the file is \(own.title.brief) by its id, path, tab or name."]
        }
        let name = row.title.brief
        switch failure {
        case .unknown:
            let nearest = nearest(to: row).map { " The nearest is \($0.brief)." } ?? ""
            let others =
                outcomes[nil] == nil
                ? "" : " It may be among (other): more outcomes came than are told apart."
            return [
                "No outcome here has the id, path or name of \(name): nothing is recorded under it, or rules.yaml does not say "
                    + "which one it is, with `tab` and `path`.\(nearest)\(others)"
            ] + siteRefusals
        case .ambiguous(let own, let match):
            let names = own.map { outcome in
                outcome.name.map { "\($0.brief) (\(outcome.id?.text.brief ?? ""))" } ?? outcome.title.brief
            }.joined(separator: " or ")
            return ["\(name) could be \(names), by its \(match.words): declare `tab` and `path` of each in rules.yaml."]
        case .rivals(let own, let match, let count):
            return [
                "\(count) outcomes of the file could be \(own.title.brief), by their \(match.words), \(name) among them: declare its "
                    + "`tab` and `path` in rules.yaml."
            ]
        case .taken(let own, let match, let other):
            return [
                "\(name) could be \(own.title.brief) by its \(match.words), and another row is that by its \(other.words)."
            ]
        case .elsewhere(let own):
            return [
                "\(name) could be \(own.title.brief), and rules.yaml declares another `tab` or `path` for that than the file has."
            ]
        }
    }

    private func nearest(to row: ZephrOutcome) -> String? {
        let names = evidence.outcomes.flatMap { [$0.id?.text, $0.name, $0.place.path].compactMap { $0 } }
        return Suggestion.nearest(to: row.id.text, among: names) ?? Suggestion.nearest(to: row.path.text, among: names)
    }

    /// Of an outcome that is in both, or in one alone, what its count makes likely; the likeliest first.
    func reasons(for difference: Difference, of subject: Subject) -> [String] {
        // Why an outcome is in one alone is told of it, once.
        guard let own = subject.own, !subject.rows.isEmpty else { return [] }
        if own.state == .hidden {
            return ["\(own.title.brief) is hidden here (rule-outcomes hide), and so left out."]
        }
        let found =
            [clock, version].compactMap { $0 } + notRecorded(difference, own) + inTime(difference)
            + (difference.isMoreHere ? onlyHere(difference) : [])
            + (difference.isLessHere
                ? outside(difference, own) + refusals(difference, own) + added(subject, own) + excluded : [])
        return found.isEmpty ? [Self.none] : found
    }

    /// Of days that begin at another time than those here.
    private var clock: String? {
        guard variant == .daily, secondOfDay != 0 else { return nil }
        return
            "The file's days begin at \(CivilTime(seconds: secondOfDay).minuteText) by the clock of \(period.timeZoneName), and "
            + "those here at 00:00: name the time zone of Zephr's days with --time-zone."
    }

    private var version: String? {
        guard let version = fileName.version, let own = evidence.report.ruleId.versionAtEnd, own != version else {
            return nil
        }
        let other = evidence.rules.rules.compactMap(\.ruleId).first { $0.versionAtEnd == version }
        let remedy = other.map { "; \($0.brief) has records here as well" } ?? ""
        return
            "The file's name says version \(version), and this is \(evidence.report.ruleId.brief): they may be two versions of "
            + "the rule\(remedy)."
    }
}

extension OutcomeMatch {
    /// As a sentence has it.
    var words: String {
        switch self {
        case .outcomeId: "outcomeId"
        case .outcomePath: "outcomePath"
        case .tabAndPath: "tab and path"
        case .name, .nameBehindKind: "name"
        }
    }
}

extension OpaqueID {
    /// Of a conversion, for a sentence.
    var shown: String { text.isEmpty ? OutcomesReport.otherName : text.brief }
}

extension Timestamp {
    /// The moment to the minute: `2026-11-23 09:30`.
    var brief: String {
        String(text.prefix(16).map { $0 == "T" ? " " : $0 })
    }
}

extension String {
    private static let briefCharactersMax = 80

    /// For a sentence: ids may be as long as a page.
    var brief: String {
        count > Self.briefCharactersMax ? "\(prefix(Self.briefCharactersMax))…" : self
    }

    /// The number that it ends in, where that stands by itself: 22 in `article-22`.
    var versionAtEnd: Int? {
        let digits = String(reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
        guard (1...9).contains(digits.utf8.count) else { return nil }
        let before = dropLast(digits.count).last
        let isAlone = before.map { "-_./:# v".contains($0) } ?? true
        return isAlone ? Int(digits) : nil
    }
}
