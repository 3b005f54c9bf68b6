import Glibc

/// How many times more probable the counts are with something amiss than without.
///
/// Without anything amiss its expectation is at most 1 whenever one looks, and the probability that it ever reaches a
/// factor is at most one in that factor (Ville's inequality). So one may look as often as one likes.
public struct Evidence: Sendable, Equatable {
    /// The factor from which on there is an alarm, 1000, to the base of 10: a false one in at most one of a thousand
    /// groups, for all time.
    public static let alarmLog10 = 3.0

    /// The factor's natural logarithm.
    public let logFactor: Double

    init(logFactor: Double) {
        self.logFactor = logFactor
    }

    /// What several tests say together, which keeps the expectation at 1 at most: the mean of their factors. Of none it is 1.
    public static func mean(_ all: [Evidence]) -> Evidence {
        let greatest = all.map(\.logFactor).max() ?? 0
        // The greatest is taken out first, since its exp may be more than a double holds.
        let sum = all.reduce(0) { $0 + exp($1.logFactor - greatest) }
        return Evidence(logFactor: all.isEmpty ? 0 : greatest + log(sum / Double(all.count)))
    }

    /// The same to the base of 10.
    public var log10Factor: Double { logFactor / log(10) }

    public var isAlarm: Bool {
        log10Factor >= Self.alarmLog10
    }
}
