import GRDB
import SQLiteSupport
import Storage

/// The outcomes and conversions of one rule version, and where each stands in a report.
struct OutcomeNames {
    /// What the cells of an outcome or a conversion hold together.
    struct Sum {
        let dimensionID: Int64
        let measure: Measure
        let count: Int
    }

    private struct Place {
        let outcome: Int
        /// nil for the outcome itself.
        let conversion: Int?
    }

    /// A report in which nothing is counted.
    private var zeros: [OutcomeCounts] = []
    /// By the id of an outcome or a conversion.
    private var places: [Int64: Place] = [:]

    init(ofRule ruleID: Int64, in database: Database) throws {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT outcome.id, outcome.is_other, outcome.name,
                        conversion.id, conversion.is_other, conversion.name
                    FROM dimension AS outcome LEFT JOIN dimension AS conversion ON conversion.parent_id = outcome.id
                    WHERE outcome.parent_id = ?
                    ORDER BY outcome.is_other, outcome.name, conversion.is_other, conversion.name
                    """), arguments: [ruleID])
        while let row = try rows.next() {
            let outcomeID = try row.integer(0)
            if places[outcomeID] == nil {
                places[outcomeID] = Place(outcome: zeros.count, conversion: nil)
                zeros.append(OutcomeCounts(outcome: try row.dimensionName(1)))
            }
            guard !row.hasNull(atIndex: 3) else { continue }
            let last = zeros.count - 1
            places[try row.integer(3)] = Place(outcome: last, conversion: zeros[last].conversions.count)
            zeros[last].conversions.append(ConversionCounts(conversion: try row.dimensionName(4)))
        }
    }

    /// What an outcome, or a conversion under it, is called; nil where the id is neither's.
    func names(of dimensionID: Int64) -> (outcome: DimensionName, conversion: DimensionName?)? {
        guard let place = places[dimensionID] else { return nil }
        let outcome = zeros[place.outcome]
        return (outcome.outcome, place.conversion.map { outcome.conversions[$0].conversion })
    }

    /// A report with every outcome and conversion that there is.
    func fullReport(_ sums: [Sum]) -> [OutcomeCounts] {
        var report = zeros
        for sum in sums {
            guard let place = places[sum.dimensionID] else { continue }
            report[place.outcome].add(sum, toConversionAt: place.conversion)
        }
        return report
    }

    /// A report with those alone that something is counted of.
    func briefReport(_ sums: [Sum]) -> [OutcomeCounts] {
        let placed = sums.compactMap { sum in places[sum.dimensionID].map { (place: $0, sum: sum) } }
        return Dictionary(grouping: placed, by: \.place.outcome).sorted { $0.key < $1.key }.map { index, placed in
            var outcome = OutcomeCounts(outcome: zeros[index].outcome)
            let conversions = Set(placed.compactMap(\.place.conversion)).sorted()
            outcome.conversions = conversions.map {
                ConversionCounts(conversion: zeros[index].conversions[$0].conversion)
            }
            for (place, sum) in placed {
                outcome.add(sum, toConversionAt: place.conversion.flatMap { conversions.firstIndex(of: $0) })
            }
            return outcome
        }
    }
}

extension OutcomeCounts {
    /// - Parameter index: nil where the sum is the outcome's own.
    fileprivate mutating func add(_ sum: OutcomeNames.Sum, toConversionAt index: Int?) {
        switch (sum.measure, index) {
        case (.exposed, nil): exposed += sum.count
        case (.exposures, nil): exposures += sum.count
        case (.groupExposed, nil): groupExposed += sum.count
        case (.groupCrossed, nil): groupCrossed += sum.count
        case (.converted, .some(let index)): conversions[index].converted += sum.count
        case (.unattributed, .some(let index)): conversions[index].unattributed += sum.count
        case (.converters, .some(let index)): conversions[index].converters += sum.count
        case (.events, .some(let index)): conversions[index].events += sum.count
        case (.groupConverted, .some(let index)): conversions[index].groupConverted += sum.count
        default: break
        }
    }
}
