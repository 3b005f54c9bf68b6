import ArgumentParser

/// How long a token is good for: `90`, `90s`, `15m`, `1h` or `7d`; a number alone is seconds. Negative for one that has
/// expired already.
struct Lifetime: ExpressibleByArgument, Equatable, CustomStringConvertible {
    let seconds: Int64

    /// A hundred years, beyond which no clock of a site will go.
    static let secondsMax: Int64 = 100 * 366 * 86_400

    init(seconds: Int64) {
        self.seconds = seconds
    }

    init?(argument: String) {
        var digits = argument[...]
        let unit = digits.last.flatMap { Self.secondsByUnit[$0] }
        if unit != nil { digits.removeLast() }
        guard !digits.hasPrefix("+"), let count = Int64(digits) else { return nil }
        let (seconds, overflows) = count.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflows, (-Self.secondsMax...Self.secondsMax).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    private static let secondsByUnit: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    /// In the largest unit that it is a whole number of.
    var description: String {
        let unit = Self.secondsByUnit.filter { seconds % $0.value == 0 }.max { $0.value < $1.value }
        return unit.map { "\(seconds / $0.value)\($0.key)" } ?? "\(seconds)s"
    }
}
