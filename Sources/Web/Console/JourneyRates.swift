import Analytics

/// The rates that stand at a journey's ends, in words and in shades of one colour from the lowest to the highest.
struct JourneyRates {
    /// As many shades as are told apart side by side.
    private static let shades = 5

    /// nil for all those together that have no name.
    private let conversion: String?
    private let basis: Basis
    private let low: Double
    private let high: Double

    init(_ outcomes: [OutcomesReport.Outcome], conversion: String?, basis: Basis) {
        self.conversion = conversion
        self.basis = basis
        let rates = outcomes.compactMap { Self.rate($0, conversion, basis) }
        low = rates.min() ?? 0
        high = rates.max() ?? 0
    }

    private static func rate(_ outcome: OutcomesReport.Outcome, _ conversion: String?, _ basis: Basis) -> Double? {
        basis == .cohort ? outcome.rate(of: conversion)?.rate : outcome.conversion(named: conversion)?.rate
    }

    /// `4.20 % converted (3.99 to 4.50 %)`; without the interval by activity, which counts a visitor on several days. Nil where
    /// nobody was exposed.
    func text(of outcome: OutcomesReport.Outcome) -> String? {
        guard let rate = Self.rate(outcome, conversion, basis) else { return nil }
        let interval = basis == .cohort ? outcome.rate(of: conversion)?.interval : nil
        return "\(rate.percent) converted" + (interval.map { " (\($0.percent))" } ?? "")
    }

    /// A class of the style sheet, `shade-1` for the lowest, `shade-5` for the highest; empty where there is nothing to tell apart.
    func shade(of outcome: OutcomesReport.Outcome) -> String {
        guard low < high, let rate = Self.rate(outcome, conversion, basis) else { return "" }
        let place = (rate - low) / (high - low)
        return "shade-\(min(Int(place * Double(Self.shades)), Self.shades - 1) + 1)"
    }

    /// What the page says of the shades; nil where there are none.
    var legend: Legend? {
        guard low < high else { return nil }
        return Legend(low: low.percent, high: high.percent, shades: (1...Self.shades).map { "shade-\($0)" })
    }

    struct Legend {
        let low: String
        let high: String
        let shades: [String]
    }
}
