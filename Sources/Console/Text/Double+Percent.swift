import Analytics
import Foundation

extension Double {
    private static let style = FloatingPointFormatStyle<Double>.number.locale(Locale(identifier: "en_US_POSIX"))
        .grouping(.never)

    /// A rate with three digits that count: `4.27 %`, `12.8 %`, `0.31 %`.
    var percent: String {
        "\(hundredfold) %"
    }

    /// A rate in percent without the sign: `4.27`.
    var hundredfold: String {
        let percent = self * 100
        let digits = percent >= 10 ? 1 : 2
        if percent > 0, percent < 0.1 { return percent.formatted(Self.style.precision(.significantDigits(2))) }
        return percent.formatted(Self.style.precision(.fractionLength(digits)))
    }

    /// A difference of rates in percentage points, with its sign: `+1.25`, `−0.40`.
    var points: String {
        let points = abs(self * 100)
        let text =
            points >= 0.05 || points == 0
            ? points.formatted(Self.style.precision(.fractionLength(2)))
            : points.formatted(Self.style.precision(.significantDigits(1)))
        return points == 0 ? text : self > 0 ? "+\(text)" : "−\(text)"
    }
}

extension Bounds {
    /// `3.99 to 5.87 %`.
    var percent: String { "\(low.hundredfold) to \(high.percent)" }

    /// `+0.38 to +1.97`.
    var points: String { "\(low.points) to \(high.points)" }
}
