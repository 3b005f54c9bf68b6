import ConfigurationFile

/// What an export counts, by outcome and day.
struct ExportCounts: Sendable {
    struct Key: Hashable, Sendable {
        let outcome: ZephrOutcome
        /// `2026-11-01`; nil in a file of totals.
        let day: String?
    }

    struct Cell: Sendable {
        /// nil where it is not known of all that is in it.
        var total: Int?
        /// As many as there are conversions.
        var converted: [Int]
    }

    let conversions: [OpaqueID]
    private(set) var cells: [Key: Cell] = [:]
    /// By outcome, in order.
    private(set) var days: [ZephrOutcome: Set<String?>] = [:]
    /// How many rows are of the same outcome and day as another, and the line of the first of them.
    private(set) var repeats: (count: Int, firstLine: Int)?
    /// How many rows are of days that are not asked for.
    private(set) var rowsLeftOut = 0
    /// How many seconds after midnight the days begin, most of them; 0 where there are none.
    let secondOfDay: Int64

    /// Whether any row of the file tells how many met its outcome.
    let hasTotals: Bool

    /// - Parameter isWanted: of a day, as its text.
    init(_ file: ZephrFile, in zone: Zone, isWanted: (String) -> Bool) {
        conversions = file.conversions
        hasTotals = file.rows.contains { $0.total != nil }
        var starts: [Int64: Int] = [:]
        for row in file.rows {
            let day = row.start?.day(in: zone)
            if let day {
                starts[day.secondOfDay, default: 0] += 1
                guard isWanted(day.text) else {
                    rowsLeftOut += 1
                    continue
                }
            }
            let key = Key(outcome: row.outcome, day: day?.text)
            days[row.outcome, default: []].insert(key.day)
            let cell = Cell(total: row.total, converted: row.converted)
            guard let earlier = cells[key] else {
                cells[key] = cell
                continue
            }
            repeats = ((repeats?.count ?? 0) + 1, repeats?.firstLine ?? row.line)
            cells[key] = earlier.adding(cell)
        }
        secondOfDay = starts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    }

    var outcomes: [ZephrOutcome] { days.keys.sorted() }

    /// What several outcomes have together, by day. A day without traffic has none.
    func sums(of outcomes: [ZephrOutcome]) -> [String?: Cell] {
        var sums: [String?: Cell] = [:]
        for outcome in outcomes {
            for day in days[outcome] ?? [] {
                guard let cell = cells[Key(outcome: outcome, day: day)] else { continue }
                sums[day] = sums[day]?.adding(cell) ?? cell
            }
        }
        return sums
    }
}

extension ExportCounts.Cell {
    fileprivate func adding(_ other: Self) -> Self {
        Self(
            total: total.flatMap { total in other.total.map { total + $0 } },
            converted: zip(converted, other.converted).map { $0 + $1 })
    }
}

extension ZephrFile {
    /// Its first and its last day in a time zone; nil for a file of totals.
    public func days(in zone: Zone) -> ClosedRange<String>? {
        let days = rows.compactMap { $0.start?.day(in: zone).text }
        guard let first = days.min(), let last = days.max() else { return nil }
        return first...last
    }
}

/// The time of which an export is compared.
public struct ComparedTime: Sendable, Equatable {
    public let from: String?
    public let to: String?

    /// What is asked for. Where that is open, the days that the file has, or those that its name tells.
    public init(from: String?, to: String?, in zone: Zone, of file: ZephrFile, named name: ZephrFileName) {
        let days = file.days(in: zone)
        self.from = from ?? days?.lowerBound ?? (file.variant == .total ? name.from : nil)
        self.to = to ?? days?.upperBound ?? (file.variant == .total ? name.to : nil)
    }
}
