import ConfigurationFile

/// An export of Zephr's beside what is counted here, outcome by outcome.
public struct ZephrComparison: Codable, Sendable, Equatable {
    public enum Figure: String, Codable, Sendable {
        /// Visitors who met the outcome.
        case total
        /// Visitors who did the conversion.
        case conversion
    }

    public struct Outcome: Codable, Sendable, Equatable {
        /// Where an outcome of the file stands in it.
        public struct Place: Codable, Sendable, Equatable {
            public let tab: String
            public let outcomePath: String
            public let outcomeId: String
        }

        /// What a table calls it; no other one of the comparison is called so.
        public let title: String
        /// nil where it is only in the file, or has no name of its own here.
        public let outcomeId: String?
        public let outcomeName: String?
        /// Several are added up. Empty where it is only here.
        public let places: [Place]
        /// nil where it is only in the file, or only here.
        public let matchedBy: OutcomeMatch?
        /// Places in the reasons, from 0: why it is only in one of the two.
        public let reasons: [Int]
        /// Where both have nothing there is none.
        public let counts: [Count]

        public var isInFile: Bool { !places.isEmpty }
        public var isHere: Bool { matchedBy != nil || places.isEmpty }
    }

    public struct Count: Codable, Sendable, Equatable {
        public let figure: Figure
        /// nil for the total, and for all those together that have no name of their own.
        public let conversion: String?
        /// nil in a comparison of totals, and in sums.
        public let day: String?
        /// nil where the file does not tell.
        public let zephr: Int?
        /// nil where it is not known here.
        public let here: Int?
        /// Here less Zephr's.
        public let difference: Int?
        /// Here ÷ Zephr's; nil where that has none.
        public let ratio: Double?
        /// Places in the reasons, from 0, the likeliest first; empty where nothing differs, and for sums.
        public let reasons: [Int]

        init(
            _ figure: Figure, _ conversion: String? = nil, day: String? = nil, zephr: Int?, here: Int?,
            reasons: [Int] = []
        ) {
            self.figure = figure
            self.conversion = conversion
            self.day = day
            self.zephr = zephr
            self.here = here
            self.reasons = reasons
            difference = zephr.flatMap { zephr in here.map { $0 - zephr } }
            ratio = zephr.flatMap { zephr in here.flatMap { zephr > 0 ? Double($0) / Double(zephr) : nil } }
        }

        public var isEqual: Bool { zephr == here }
    }

    /// Of an outcome over its days, or of all outcomes.
    public struct Sum: Codable, Sendable, Equatable {
        /// The outcome's title; nil for all.
        public let outcome: String?
        public let count: Count
    }

    public let site: String
    public let ruleId: String
    /// The file's name.
    public let file: String
    public let variant: ZephrExport.Variant
    /// A name of the tz database.
    public let timeZone: String
    /// Where the time begins, and before which moment it ends; nil where that is open.
    public let from: String?
    public let to: String?
    /// What is matched first, then what is only in the file, and then what is only here.
    public let outcomes: [Outcome]
    public let sums: [Sum]
    /// A sentence each.
    public let reasons: [String]
    /// What is to be known of the comparison: a sentence each.
    public let notes: [String]

    /// How many counts differ, or are known on one side alone.
    public var differences: Int {
        outcomes.reduce(0) { $0 + $1.counts.count { !$0.isEqual } }
    }
}

extension ZephrComparison {
    /// - Parameters:
    ///   - own: the same export from here, of `period`.
    ///   - evidence: of the same time.
    public init(
        _ file: ZephrFile, named name: ZephrFileName, beside own: ZephrFile, of period: ReportPeriod,
        _ evidence: ComparisonEvidence
    ) {
        let zone = period.timeZone
        let isWanted = period.isDayIncluded
        let zephrCounts = ExportCounts(file, in: zone, isWanted: isWanted)
        let ownCounts = ExportCounts(own, in: zone, isWanted: isWanted)
        let matching = OutcomeMatching(zephrCounts.outcomes, evidence.outcomes)
        let reader = DifferenceReasons(
            evidence, period: period, variant: file.variant, fileName: name, secondOfDay: zephrCounts.secondOfDay)
        var comparer = ComparisonBuilder(
            zephr: zephrCounts, own: ownCounts, knowsTotals: !own.rows.contains { $0.total == nil }, reader)
        comparer.compare(matching)
        site = evidence.report.site
        ruleId = evidence.report.ruleId
        self.file = name.text
        variant = file.variant
        timeZone = period.timeZoneName
        from = period.startText
        to = period.endText
        outcomes = comparer.outcomes
        sums = (file.variant == .daily ? comparer.sumsOfOutcomes : []) + comparer.sumsOfAll
        reasons = comparer.reasons
        notes = file.notes + zephrCounts.notes + evidence.notes
    }

    /// A row for each count, for other programs.
    public var table: ReportTable {
        var table = ReportTable(columns: [
            "site", "rule", "outcome", "outcomeName", "tab", "outcomePath", "outcomeId", "matchedBy", "figure",
            "conversion",
            "day", "zephr", "here", "difference", "ratio", "reasons", "timeZone", "file",
        ])
        for outcome in outcomes {
            let place = outcome.places.count == 1 ? outcome.places.first : nil
            let isBoth = outcome.isInFile && outcome.isHere
            let matchedBy =
                outcome.matchedBy?.rawValue ?? (isBoth ? nil : outcome.isHere ? "only here" : "only in the file")
            for count in outcome.counts {
                table.append([
                    .text(site), .text(ruleId), .text(outcome.outcomeId ?? outcome.title), .text(outcome.outcomeName),
                    .text(place?.tab), .text(place?.outcomePath),
                    .text(place?.outcomeId ?? outcome.places.first?.outcomeId),
                    .text(matchedBy), .text(count.figure.rawValue), .text(count.conversion), .text(count.day),
                    .number(count.zephr), .number(count.here), .number(count.difference), .decimal(count.ratio),
                    .text((outcome.reasons + count.reasons).map { reasons[$0] }.joined(separator: " ")),
                    .text(timeZone),
                    .text(file),
                ])
            }
        }
        return table
    }
}

extension ExportCounts {
    /// What is to be known of how rows were taken together, or left out.
    fileprivate var notes: [String] {
        var notes: [String] = []
        if let repeats {
            notes.append(
                "\(repeats.count) \(repeats.count == 1 ? "row has" : "rows have") the outcome and time of another, the first in line "
                    + "\(repeats.firstLine), and are added to it: whoever is in both counts twice")
        }
        if rowsLeftOut > 0 {
            notes.append(
                "\(rowsLeftOut) \(rowsLeftOut == 1 ? "row of the file is" : "rows of the file are") of days that are not asked for"
            )
        }
        return notes
    }
}

extension ReportPeriod {
    /// Whether a day, `2026-11-01`, is in it at least in part.
    fileprivate var isDayIncluded: (String) -> Bool {
        let first = startText.map { String($0.prefix(10)) }
        let last = lastDayText
        return { day in first.map { $0 <= day } ?? true && last.map { day <= $0 } ?? true }
    }
}
