import Statistics
import Storage

extension OutcomesReport {
    /// Two rates side by side. It describes; what decides is the verdict of a declared group.
    public struct Difference: Sendable, Equatable {
        /// The one rate less the other.
        public let estimate: Double
        /// Where the true difference is with 95 % confidence, for one look (Newcombe).
        public let oneLook: Bounds
    }

    /// An outcome's rate less a baseline's; nil by activity, of an outcome and itself, and where one of the two has no rate.
    ///
    /// - Parameter conversion: its name; nil for all those together that have none of their own.
    public func difference(of outcome: Outcome, from baseline: Outcome, conversion: String?) -> Difference? {
        guard basis == .cohort, !outcome.isSame(as: baseline),
            let own = outcome.proportion(of: conversion), let other = baseline.proportion(of: conversion),
            let difference = RateDifference(own, minus: other)
        else { return nil }
        return Difference(
            estimate: difference.estimate, oneLook: Bounds(difference.newcombeInterval(.fivePercent)))
    }
}

extension OutcomesReport.Outcome {
    /// Ids are opaque, so two of them are the same when their bytes are.
    public func isSame(as other: OutcomesReport.Outcome) -> Bool {
        outcomeId.map { DimensionName($0) } == other.outcomeId.map { DimensionName($0) }
    }

    /// What is counted of a conversion under it; nil where that is nothing.
    public func conversion(named name: String?) -> OutcomesReport.Conversion? {
        conversions.first { $0.conversion.map { DimensionName($0) } == name.map { DimensionName($0) } }
    }

    /// The rate of a conversion, also of one that nobody did, and where it is with 95 % confidence; nil where nobody was
    /// exposed.
    public func rate(of conversion: String?) -> (rate: Double, interval: Bounds)? {
        guard let proportion = proportion(of: conversion), let rate = proportion.rate,
            let interval = proportion.wilsonInterval(.fivePercent)
        else { return nil }
        return (rate, Bounds(interval))
    }

    /// Nil where the rule version has no exposures. Whoever did nothing has done none of it.
    fileprivate func proportion(of conversion: String?) -> Proportion? {
        let counted = self.conversion(named: conversion)
        guard counted == nil || counted?.converted != nil else { return nil }
        return Proportion(successes: counted?.converted ?? 0, trials: exposed)
    }
}
