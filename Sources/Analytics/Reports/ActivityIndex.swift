import Storage

/// Visitors who were active, to be looked up by what they did; those of several days added up.
struct ActivityIndex {
    private struct Key: Hashable {
        let outcome: DimensionName
        let conversion: DimensionName?
    }

    private let counts: [Key: Int]

    init(_ activity: some Sequence<ActivityCounts>) {
        counts = Dictionary(
            activity.map { (Key(outcome: $0.outcome, conversion: $0.conversion), $0.subjects) }, uniquingKeysWith: +)
    }

    /// `conversion` is nil for those who met the outcome.
    func count(_ outcome: DimensionName, _ conversion: DimensionName? = nil) -> Int {
        counts[Key(outcome: outcome, conversion: conversion)] ?? 0
    }
}
