import Storage

/// When what happened that counts for an outcome: a quarter of an hour for each time, or subject, that counts as one.
struct OutcomeFacts {
    let outcome: DimensionName
    let exposed: [Quarter]
    let exposures: [Quarter]
    let group: [GroupFact]
    let conversions: [ConversionFacts]

    func counts(in range: Range<Quarter>) -> OutcomeCounts {
        var counts = OutcomeCounts(outcome: outcome)
        counts.exposed = exposed.count(where: range.contains)
        counts.exposures = exposures.count(where: range.contains)
        let subjects = group.filter { range.contains($0.quarter) }
        counts.group = GroupCounts(
            exposed: subjects.count, crossed: subjects.count(where: \.isCrossed),
            converted: subjects.count(where: \.isConverted))
        counts.conversions = conversions.map { $0.counts(in: range) }
        return counts
    }
}

/// The same for a conversion under it.
struct ConversionFacts {
    let conversion: DimensionName
    let converted: [Quarter]
    let unattributed: [Quarter]
    let converters: [Quarter]
    let events: [Quarter]

    func counts(in range: Range<Quarter>) -> ConversionCounts {
        ConversionCounts(
            conversion: conversion, converted: converted.count(where: range.contains),
            unattributed: unattributed.count(where: range.contains),
            converters: converters.count(where: range.contains), events: events.count(where: range.contains))
    }
}

/// A subject of a declared group, and when it was first exposed.
struct GroupFact {
    let quarter: Quarter
    let isCrossed: Bool
    let isConverted: Bool
}
