/// The outcomes and conversions of one rule version, and where each stands in a report.
package struct OutcomeNames {
    /// What the cells of an outcome or a conversion hold together.
    package struct Sum {
        package let dimensionID: Int64
        package let measure: Measure
        package let count: Int

        package init(dimensionID: Int64, measure: Measure, count: Int) {
            self.dimensionID = dimensionID
            self.measure = measure
            self.count = count
        }
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

    package init() {}

    /// Those of a report come in its order: outcomes by name, `other` last, each with its conversions in the same order.
    package mutating func addOutcome(_ id: Int64, _ name: DimensionName) {
        places[id] = Place(outcome: zeros.count, conversion: nil)
        zeros.append(OutcomeCounts(outcome: name))
    }

    /// Adds a conversion under the outcome that was added last.
    package mutating func addConversion(_ id: Int64, _ name: DimensionName) {
        let last = zeros.count - 1
        places[id] = Place(outcome: last, conversion: zeros[last].conversions.count)
        zeros[last].conversions.append(ConversionCounts(conversion: name))
    }

    /// What an outcome, or a conversion under it, is called; nil where the id is neither's.
    package func names(of dimensionID: Int64) -> (outcome: DimensionName, conversion: DimensionName?)? {
        guard let place = places[dimensionID] else { return nil }
        let outcome = zeros[place.outcome]
        return (outcome.outcome, place.conversion.map { outcome.conversions[$0].conversion })
    }

    /// A report with every outcome and conversion that there is.
    package func fullReport(_ sums: [Sum]) -> [OutcomeCounts] {
        var report = zeros
        for sum in sums {
            guard let place = places[sum.dimensionID] else { continue }
            report[place.outcome].add(sum, toConversionAt: place.conversion)
        }
        return report
    }

    /// A report with those alone that something is counted of.
    package func briefReport(_ sums: [Sum]) -> [OutcomeCounts] {
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
