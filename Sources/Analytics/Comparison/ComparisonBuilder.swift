import ConfigurationFile

/// What was added up on both sides; nil where nothing is known.
private struct Tally {
    var zephr: Int?
    var here: Int?

    mutating func add(_ zephr: Int?, _ here: Int?) {
        if let zephr { self.zephr = (self.zephr ?? 0) + zephr }
        if let here { self.here = (self.here ?? 0) + here }
    }

    var isEmpty: Bool { (zephr ?? 0) == 0 && (here ?? 0) == 0 }
}

extension Tally {
    /// - Parameter outcome: its title; nil for all.
    fileprivate func of(_ conversion: ComparisonBuilder.Conversion?, _ outcome: String?) -> ZephrComparison.Sum {
        ZephrComparison.Sum(
            outcome: outcome,
            count: ZephrComparison.Count(
                conversion == nil ? .total : .conversion, conversion?.named, zephr: zephr, here: here))
    }
}

/// Goes through what is matched, and what is not, and collects what there is to say of it.
struct ComparisonBuilder {
    /// A type of conversion, and where it stands in each of the two.
    struct Conversion {
        let name: OpaqueID
        let zephr: Int?
        let own: Int?
        /// Whether any row of the file has some.
        let isCountedInFile: Bool

        /// nil for all those together that have no name of their own.
        var named: String? { name.text.isEmpty ? nil : name.text }
    }

    private let zephr: ExportCounts
    private let own: ExportCounts
    private let knowsTotals: Bool
    private let reader: DifferenceReasons
    private let conversions: [Conversion]
    private let ownByID: [OpaqueID: ZephrOutcome]
    private(set) var outcomes: [ZephrComparison.Outcome] = []
    private(set) var reasons: [String] = []
    private(set) var sumsOfOutcomes: [ZephrComparison.Sum] = []
    /// The total's first, then one for each conversion.
    private var sums: [Tally]
    private var numbers: [String: Int] = [:]
    private var titles: Set<String> = []
    /// Whoever has many to look up has something else to mend first, and each is compared with all.
    private static let nearestMax = 20
    private var unknown = 0

    init(zephr: ExportCounts, own: ExportCounts, knowsTotals: Bool, _ reader: DifferenceReasons) {
        self.zephr = zephr
        self.own = own
        self.knowsTotals = knowsTotals
        self.reader = reader
        conversions = Self.conversions(zephr, own)
        sums = (0...conversions.count).map { _ in Tally() }
        ownByID = Dictionary(own.outcomes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The same name in other letter case is the same where nothing else is meant by it.
    private static func conversions(_ zephrCounts: ExportCounts, _ ownCounts: ExportCounts) -> [Conversion] {
        let (zephr, own) = (zephrCounts.conversions, ownCounts.conversions)
        let counted = zephrCounts.cells.values.reduce(into: zephr.map { _ in false }) { counted, cell in
            for (index, count) in cell.converted.enumerated() where count > 0 { counted[index] = true }
        }
        var left = Dictionary(uniqueKeysWithValues: own.enumerated().map { ($1, $0) })
        let exact = zephr.map { left.removeValue(forKey: $0) }
        let alike = Dictionary(grouping: left.keys) { $0.text.lowercased() }
        let zephrAlike = Dictionary(grouping: zephr) { $0.text.lowercased() }
        let both = zip(zephr.indices, exact).map { index, position in
            let key = zephr[index].text.lowercased()
            let isAlone = zephrAlike[key]?.count == 1 && alike[key]?.count == 1
            let other = position == nil && isAlone ? alike[key]?.first : nil
            return Conversion(
                name: other ?? zephr[index], zephr: index,
                own: position ?? other.flatMap { left.removeValue(forKey: $0) }, isCountedInFile: counted[index])
        }
        let rest = left.sorted { $0.key < $1.key }
        return both + rest.map { Conversion(name: $0.key, zephr: nil, own: $0.value, isCountedInFile: false) }
    }

    mutating func compare(_ matching: OutcomeMatching) {
        for pair in matching.pairs { add(pair.zephr, pair.own, pair.match, failure: nil) }
        for (outcome, failure) in matching.zephrAlone { add([outcome], nil, nil, failure: failure) }
        for outcome in matching.ownAlone { add([], outcome, nil, failure: nil) }
    }

    private mutating func add(
        _ rows: [ZephrOutcome], _ outcome: OwnOutcome?, _ match: OutcomeMatch?, failure: OutcomeMatching.Failure?
    ) {
        let ownKey = outcome.flatMap { ownByID[$0.id ?? OpaqueID("")] }
        let zephrCells = zephr.sums(of: rows)
        let ownCells = own.sums(of: ownKey.map { [$0] } ?? [])
        let days = Set(zephrCells.keys).union(ownCells.keys).sorted { ($0 ?? "") < ($1 ?? "") }
        let both = days.map { day in (day: day, zephr: zephrCells[day], own: ownCells[day]) }
        let figures: [Conversion?] = [nil] + conversions.map { $0 }
        if failure == .unknown { unknown += 1 }
        let subject = DifferenceReasons.Subject(
            own: outcome, rows: rows, failure: failure, isNearestTold: unknown <= Self.nearestMax)
        let title = title(outcome, rows)
        var counts: [ZephrComparison.Count] = []
        for (index, conversion) in figures.enumerated() {
            let cells = both.map { cells in
                Cell(
                    day: cells.day, zephr: rows.isEmpty ? nil : zephrCount(cells.zephr, conversion),
                    here: ownCount(outcome, cells.own, conversion))
            }
            var sum = Tally()
            for cell in cells {
                sum.add(cell.zephr, cell.here)
                sums[index].add(cell.zephr, cell.here)
            }
            counts += self.counts(cells, of: conversion, under: subject)
            if !sum.isEmpty { sumsOfOutcomes.append(sum.of(conversion, title)) }
        }
        // What is here, and has nothing in this time, is no difference.
        guard !rows.isEmpty || counts.contains(where: { ($0.here ?? 0) > 0 }) else { return }
        outcomes.append(
            ZephrComparison.Outcome(
                title: title, outcomeId: outcome?.id?.text, outcomeName: outcome?.name,
                places: rows.map {
                    ZephrComparison.Outcome.Place(tab: $0.tab.text, outcomePath: $0.path.text, outcomeId: $0.id.text)
                }, matchedBy: match, reasons: reader.reasons(for: subject).map { number($0) },
                counts: counts))
    }

    private struct Cell {
        let day: String?
        let zephr: Int?
        let here: Int?
    }

    /// Of the days of an outcome, those with something on either side; a total is always told.
    private mutating func counts(
        _ cells: [Cell], of conversion: Conversion?, under subject: DifferenceReasons.Subject
    ) -> [ZephrComparison.Count] {
        let movesBetweenDays = DifferenceReasons.movesBetweenDays(
            cells.map { (zephr: $0.zephr ?? 0, here: $0.here ?? 0) })
        let isInFileAtAll = conversion?.isCountedInFile ?? true
        return cells.compactMap { cell in
            guard (cell.zephr ?? 0) + (cell.here ?? 0) > 0 || conversion == nil && cell.day == nil else { return nil }
            var reasons: [Int] = []
            if cell.zephr != cell.here {
                let difference = DifferenceReasons.Difference(
                    conversion: conversion?.name, isInFile: conversion.map { $0.zephr != nil } ?? true,
                    isInFileAtAll: isInFileAtAll, day: cell.day, zephr: cell.zephr, here: cell.here,
                    movesBetweenDays: movesBetweenDays)
                reasons = reader.reasons(for: difference, of: subject).map { number($0) }
            }
            return ZephrComparison.Count(
                conversion == nil ? .total : .conversion, conversion?.named, day: cell.day, zephr: cell.zephr,
                here: cell.here, reasons: reasons)
        }
    }

    var sumsOfAll: [ZephrComparison.Sum] {
        let figures: [Conversion?] = [nil] + conversions.map { $0 }
        return zip(figures, sums).filter { $0 == nil || !$1.isEmpty }.map { $1.of($0, nil) }
    }

    /// nil where the file does not tell. A day without traffic has no row.
    private func zephrCount(_ cell: ExportCounts.Cell?, _ conversion: Conversion?) -> Int? {
        guard let conversion else { return cell.map(\.total) ?? (zephr.hasTotals ? 0 : nil) }
        return conversion.zephr.map { index in cell?.converted[index] ?? 0 }
    }

    /// nil where it is not known here.
    private func ownCount(
        _ outcome: OwnOutcome?, _ cell: ExportCounts.Cell?, _ conversion: Conversion?
    ) -> Int? {
        guard let outcome, outcome.state != .hidden else { return nil }
        guard let conversion else { return cell.map(\.total) ?? (knowsTotals ? 0 : nil) }
        return conversion.own.flatMap { index in cell?.converted[index] } ?? 0
    }

    /// The number of a reason; each is said once.
    private mutating func number(_ reason: String) -> Int {
        if let number = numbers[reason] { return number }
        numbers[reason] = reasons.count
        reasons.append(reason)
        return reasons.count - 1
    }

    /// One that no other outcome has.
    private mutating func title(_ outcome: OwnOutcome?, _ rows: [ZephrOutcome]) -> String {
        let row = rows.first
        let plain = outcome?.title ?? row?.title ?? OutcomesReport.otherName
        let more = [outcome?.id?.text, row?.tab.text, row?.path.text].compactMap { $0 }.filter {
            !$0.isEmpty && $0 != plain
        }
        var title = plain
        for part in more where titles.contains(title) { title += " · \(part)" }
        var count = 2
        while !titles.insert(title).inserted {
            title = "\(plain) (\(count))"
            count += 1
        }
        return title
    }
}
