import Storage

extension OutcomesReport {
    /// All that the report has: a row for each outcome and conversion, and one for an outcome without conversions, whose
    /// conversion's cells are empty. The cell of an outcome or conversion that has no name of its own is empty, as no real
    /// name is. What is compared stands in the row of the group's conversion.
    public var table: ReportTable {
        var table = ReportTable(columns: [
            "site", "rule", "outcome", "conversion", "exposed", "converted", "rate", "rateLow", "rateHigh", "maturing",
            "crossed", "unattributed", "visitors", "events", "exposures", "group", "groupSince", "groupMature",
            "groupConverted",
            "groupRate", "difference", "differenceLow", "differenceHigh", "differenceOneLookLow",
            "differenceOneLookHigh", "verdict", "verdictReason", "warnings", "ruleName", "outcomeName", "basis", "from",
            "to",
            "timeZone", "asOf", "notes",
        ])
        for outcome in outcomes {
            let conversions = outcome.conversions.isEmpty ? [nil] : outcome.conversions.map { Optional($0) }
            for conversion in conversions { table.append(cells(outcome, conversion)) }
        }
        return table
    }

    private func cells(_ outcome: Outcome, _ conversion: Conversion?) -> [ReportTable.Cell] {
        let group = groups.first { $0.name == outcome.group }
        let arm = group?.arms.first { DimensionName($0.outcomeId) == outcome.outcomeId.map { DimensionName($0) } }
        let primary = group.map { DimensionName($0.conversion) }
        let isCompared = primary != nil && conversion?.conversion.map { DimensionName($0) } == primary
        let compared = isCompared ? arm : nil
        let verdict = isCompared || group == nil ? outcome.verdict : Verdict.otherConversion(than: group?.conversion)
        return [
            .text(site), .text(ruleId), .text(outcome.outcomeId), .text(conversion?.conversion),
            .number(outcome.exposed), .number(conversion?.converted), .decimal(conversion?.rate),
            .decimal(conversion?.rateInterval?.low), .decimal(conversion?.rateInterval?.high),
            .number(outcome.maturing), .number(arm?.crossed), .number(conversion?.unattributed),
            .number(conversion?.visitors), .number(conversion?.events), .number(outcome.exposures),
            .text(outcome.group), .text(group?.start.text), .number(compared?.mature), .number(compared?.converted),
            .decimal(compared?.rate),
            .decimal(compared?.difference), .decimal(compared?.differenceAlwaysValid?.low),
            .decimal(compared?.differenceAlwaysValid?.high), .decimal(compared?.differenceOneLook?.low),
            .decimal(compared?.differenceOneLook?.high), .text(verdict.word.rawValue), .text(verdict.reason),
            .text(isCompared ? group?.warnings.joined(separator: "; ") : nil), .text(ruleName),
            .text(outcome.outcomeName), .text(basis.rawValue), .text(from), .text(to),
            .text(timeZone), .text(asOf.text), .text(notes.joined(separator: "; ")),
        ]
    }
}

extension Verdict {
    fileprivate static func otherConversion(than conversion: String?) -> Verdict {
        Verdict(.cannotBeCompared, "the group is compared by \(conversion ?? "") alone; see that row")
    }
}
