import GRDB
import Storage

/// The outcomes and conversions of one rule version, and where each stands in a report.
struct OutcomeNames {
    struct Place {
        let outcome: Int
        /// nil for the outcome itself.
        let conversion: Int?
    }

    /// A report in which nothing is counted.
    private(set) var zeros: [OutcomeCounts] = []
    /// By the id of an outcome or a conversion.
    private(set) var places: [Int64: Place] = [:]

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

    /// Adds what a cell holds to where it belongs.
    func add(_ count: Int, _ measure: Int64, of dimensionID: Int64, to counts: inout [OutcomeCounts]) {
        guard let place = places[dimensionID], let measure = Measure(rawValue: measure) else { return }
        switch (measure, place.conversion) {
        case (.exposed, nil): counts[place.outcome].exposed += count
        case (.exposures, nil): counts[place.outcome].exposures += count
        case (.groupExposed, nil): counts[place.outcome].group.exposed += count
        case (.groupCrossed, nil): counts[place.outcome].group.crossed += count
        case (.groupConverted, .some): counts[place.outcome].group.converted += count
        case (.converted, .some(let index)): counts[place.outcome].conversions[index].converted += count
        case (.unattributed, .some(let index)): counts[place.outcome].conversions[index].unattributed += count
        case (.converters, .some(let index)): counts[place.outcome].conversions[index].converters += count
        case (.events, .some(let index)): counts[place.outcome].conversions[index].events += count
        default: break
        }
    }
}
