import Analytics
import Foundation

/// The true rates beside those that were measured.
struct SimulatedRates {
    /// The rate of a conversion under an outcome.
    struct Rate {
        let outcomeID: String
        let conversion: String
        let truePercent: Double
        /// As the report has it; nil when it has none.
        let measured: Double?
        /// As the report has it, with 95 % confidence; nil when it has none.
        let interval: Bounds?

        /// nil when there is no interval.
        var holds: Bool? {
            interval.map { ($0.low...$0.high).contains(truePercent / 100) }
        }
    }

    /// In the order of the outcomes.
    let all: [Rate]

    /// - Parameter report: nil when nothing of the rule version is counted.
    init(outcomes: [SimulatedOutcome], report: OutcomesReport?) {
        let rows = Dictionary((report?.outcomes ?? []).map { ($0.id, $0.conversions) }) { first, _ in first }
        all = outcomes.flatMap { outcome in
            SimulatedOutcome.conversions.map { name in
                let row = rows[outcome.id]?.first { $0.name == name }
                return Rate(
                    outcomeID: outcome.id, conversion: name, truePercent: outcome.truePercent(of: name),
                    measured: row?.rate, interval: row?.rateInterval)
            }
        }
    }

    /// How many intervals hold the truth, and what that says.
    var closing: String {
        let verdicts = all.compactMap(\.holds)
        let others = all.count - verdicts.count
        let absent = others > 0 ? ", and \(others) rates have none, since nobody converted" : ""
        return "\(verdicts.count { $0 }) of \(verdicts.count) intervals hold the true rate\(absent). At 95 % about one "
            + "interval in twenty misses; only the counts decide the exit status."
    }
}

extension TextTable {
    init(_ rates: SimulatedRates) {
        self.init(columns: [
            Column("outcome", shortens: true), Column("conversion", shortens: true), Column("true rate", .right),
            Column("measured", .right), Column("95 % interval", .right), Column(""),
        ])
        for rate in rates.all {
            let truth = rate.truePercent.asPercent
            append([
                rate.outcomeID, rate.conversion, truth, rate.measured?.percentage ?? "",
                rate.interval.map { "\($0.low.percentage) to \($0.high.percentage)" } ?? "",
                rate.holds.map { $0 ? "holds \(truth)" : "misses" } ?? "none recorded",
            ])
        }
    }
}

extension Double {
    /// A number of per cent without needless digits: `5 %`, `3.2 %`.
    fileprivate var asPercent: String {
        formatted(.number.precision(.fractionLength(0...3)).locale(Locale(identifier: "en_US_POSIX"))) + " %"
    }
}
