import ConfigurationFile
import Storage

/// Likely reasons why two counts differ. Each is told only where the evidence has it, and fits which of the two is greater.
struct DifferenceReasons: Sendable {
    struct Subject {
        let own: OwnOutcome?
        let rows: [ZephrOutcome]
        let failure: OutcomeMatching.Failure?
        /// Whether the nearest outcome here is told where it is unknown.
        let isNearestTold: Bool
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

    /// What is said where the file does not tell.
    static let emptyTotal = "The file leaves `total` empty here, so it does not tell how many met the outcome."

    /// How many visitors, and how many in a hundred, have to stand on another day for that to be no chance.
    private static let (movedMin, movedPercentMin) = (10, 5)

    let evidence: ComparisonEvidence
    /// By what outcomes here may be called.
    private let names: [String]
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
        names = evidence.outcomes.flatMap { [$0.id?.text, $0.name, $0.place.path].compactMap { $0 } }
        outcomes = Dictionary(
            evidence.report.outcomes.map { ($0.outcomeId.map { OpaqueID($0) }, $0) },
            uniquingKeysWith: { first, _ in first })
        self.period = period
        self.variant = variant
        self.fileName = fileName
        self.secondOfDay = secondOfDay
    }

    /// Whether what some days have less than here others have more, about as much, and so much that it is no chance.
    static func movesBetweenDays(_ days: [(zephr: Int, here: Int)]) -> Bool {
        let more = days.reduce(0) { $0 + max(0, $1.here - $1.zephr) }
        let less = days.reduce(0) { $0 + max(0, $1.zephr - $1.here) }
        let all = max(days.reduce(0) { $0 + $1.zephr }, days.reduce(0) { $0 + $1.here })
        let moved = min(more, less)
        return moved >= movedMin && moved * 100 >= all * movedPercentMin && abs(more - less) * 10 <= more + less
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
            let nearest = (subject.isNearestTold ? nearest(to: row) : nil).map { " The nearest is \($0.brief)." } ?? ""
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
            let others = count == 2 ? "another" : "\(count - 1) others"
            return [
                "\(name) could be \(own.title.brief) by its \(match.words), and so could \(others) of the file: declare `tab` and "
                    + "`path` of \(own.title.brief) in rules.yaml."
            ]
        case .taken(let own, let match, let other):
            return [
                "\(name) could be \(own.title.brief) by its \(match.words), and another row is that by its \(other.words): "
                    + "if it is another outcome, declare the `tab` and `path` of that one in rules.yaml."
            ]
        case .elsewhere(let own):
            return [
                "\(name) could be \(own.title.brief), and rules.yaml declares another `tab` or `path` for that than the file has: if "
                    + "it is that one, copy them from the file into rules.yaml."
            ]
        }
    }

    private func nearest(to row: ZephrOutcome) -> String? {
        Suggestion.nearest(to: row.id.text, among: names) ?? Suggestion.nearest(to: row.path.text, among: names)
    }

    /// Of an outcome that is in both, or in one alone, what its count makes likely; the likeliest first.
    func reasons(for difference: Difference, of subject: Subject) -> [String] {
        // Why an outcome is in one alone is told of it, once.
        guard let own = subject.own, !subject.rows.isEmpty else { return [] }
        if difference.zephr == nil, difference.conversion == nil { return [Self.emptyTotal] }
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
