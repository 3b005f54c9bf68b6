import Analytics
import Glibc

/// A round distance between an axis's ticks.
private struct TickStep {
    /// 1, 2, 2.5 or 5 times a power of ten, of fractions.
    let size: Double

    /// About four of them make up the span, which is greater than 0.
    init(for span: Double) {
        let rough = span / 4
        let magnitude = pow(10, floor(log10(rough)))
        let sizes = [1.0, 2, 2.5, 5, 10].map { $0 * magnitude }
        size = sizes.first { $0 >= rough * 0.999 } ?? 10 * magnitude
    }

    /// In percent, with as many digits as the step has.
    func text(_ value: Double) -> String {
        let digits = (0...4).first { digits in
            let scaled = size * 100 * pow(10, Double(digits))
            return abs(scaled - scaled.rounded()) < 1e-6
        }
        return (abs(value) * 100).withDecimals(digits ?? 4)
    }
}

/// A round number on an axis.
struct Tick {
    /// How far along the axis it stands, from 0 to 1.
    let place: Double
    /// The same for a page, and how far from the top where the axis goes upwards: `37.20%`.
    let x: String
    let y: String
    let label: String
    /// How its label stands to it: `start`, `middle` or `end`.
    let anchor: String

    fileprivate init(at place: Double, label: String) {
        self.place = place
        x = Coordinate.percent(place * 100)
        y = Coordinate.percent(100 - place * 100)
        self.label = label
        anchor = place < 0.03 ? "start" : place > 0.97 ? "end" : "middle"
    }
}

/// The axis that all rates of a page are drawn on, from 0 to a round number above the highest.
struct RateAxis {
    private let end: Double
    private let step: TickStep

    /// - Parameter highest: the highest rate, or end of an interval, that is shown.
    init(highest: Double) {
        // Where nobody has converted yet the axis is one that a rate may come to.
        let span = highest.isFinite ? highest > 0 ? max(highest, 0.0001) : 0.01 : 1
        step = TickStep(for: span)
        // Only by activity can a rate be over 100 %.
        let end = (span / step.size - 1e-9).rounded(.up) * step.size
        self.end = span <= 1 ? min(end, 1) : end
    }

    /// How far along the axis a rate stands, from 0 to 1.
    func place(_ rate: Double) -> Double {
        min(max(rate / end, 0), 1)
    }

    /// `37.20%`.
    func x(_ rate: Double) -> String {
        Coordinate.percent(place(rate) * 100)
    }

    var ticks: [Tick] {
        let count = Int((end / step.size + 0.001).rounded(.down))
        return (0...count).map { index in
            let rate = Double(index) * step.size
            return Tick(at: place(rate), label: "\(step.text(rate)) %")
        }
    }
}

/// An axis of counts, from 0 to a round number.
struct CountAxis {
    private let step: Int
    private let end: Double

    /// - Parameter highest: the highest count that is shown.
    init(highest: Double) {
        let highest = Int(max(highest, 1))
        var magnitude = 1
        while magnitude * 10 * 2 <= highest { magnitude *= 10 }
        // Of which two to five reach the highest count.
        step = [1, 2, 5, 10].map { $0 * magnitude }.first { highest / $0 <= 4 } ?? magnitude * 10
        end = (Double(highest) / Double(step)).rounded(.up) * Double(step)
    }

    /// How far along the axis a count stands, from 0 to 1.
    func place(_ count: Double) -> Double {
        count / end
    }

    /// Without 0.
    var ticks: [Tick] {
        stride(from: step, through: Int(end), by: step).map { Tick(at: place(Double($0)), label: $0.grouped) }
    }
}

/// An axis of differences between rates, with 0 on it.
struct DifferenceAxis {
    /// An interval that is more than so many times as wide as the narrowest runs out of the drawing, which otherwise would show
    /// nothing of the others.
    private static let widthsMax = 6.0

    private let low: Double
    private let high: Double
    private let step: TickStep

    /// - Parameters:
    ///   - intervals: what is to be seen on it.
    ///   - margin: how far below 0 there is a mark; 0 for none.
    init(_ intervals: [Bounds], margin: Double = 0) {
        let narrowest = intervals.map { $0.high - $0.low }.filter { $0 > 0 }.min() ?? 0.01
        let middle = intervals.map { abs($0.low + $0.high) / 2 }.max() ?? 0
        let limit = max(narrowest * Self.widthsMax, middle + narrowest, margin * 1.5)
        let (lowest, highest) = (intervals.map(\.low).min() ?? 0, intervals.map(\.high).max() ?? 0)
        let (low, high) = (max(min(lowest, -margin), -limit), min(max(highest, 0), limit))
        let padding = max(high - low, 0.0001) * 0.06
        self.low = low - padding
        self.high = high + padding
        step = TickStep(for: self.high - self.low)
    }

    /// How far along the axis a difference stands, from 0 to 1.
    func place(_ difference: Double) -> Double {
        min(max((difference - low) / (high - low), 0), 1)
    }

    func x(_ difference: Double) -> String {
        Coordinate.percent(place(difference) * 100)
    }

    /// Whether it is not on it.
    func isBeyond(_ difference: Double) -> Bool {
        difference < low || difference > high
    }

    /// Where a difference and its interval stand on it.
    func places(_ difference: Double, _ interval: Bounds) -> DifferencePlaces {
        DifferencePlaces(
            difference: place(difference), low: place(interval.low), high: place(interval.high),
            isBelow: isBeyond(interval.low), isAbove: isBeyond(interval.high))
    }

    /// In percentage points.
    var ticks: [Tick] {
        let first = Int((low / step.size).rounded(.up)), last = Int((high / step.size).rounded(.down))
        return (first...max(first, last)).map { index in
            let value = Double(index) * step.size
            let sign = index == 0 ? "" : index > 0 ? "+" : "−"
            return Tick(at: place(value), label: sign + (index == 0 ? "0" : step.text(value)))
        }
    }
}

/// A difference to the baseline, and its always-valid interval, on an axis of differences: how far along it each stands, from 0
/// to 1.
struct DifferencePlaces {
    let difference: Double
    let low: Double
    let high: Double
    /// Whether the interval runs out of the drawing, on either side.
    let isBelow: Bool
    let isAbove: Bool

    /// Those ends of the interval that are on the axis.
    var ends: [Double] { (isBelow ? [] : [low]) + (isAbove ? [] : [high]) }
}

/// Numbers of a drawing.
enum Coordinate {
    /// In its own units.
    static func text(_ number: Double) -> String {
        number.withDecimals(1)
    }

    /// Of a drawing of 1000 by 100, from shares of its width and, upwards, of its height.
    static func point(_ x: Double, _ y: Double) -> String {
        "\(text(x * 1000)),\(text(100 - y * 100))"
    }

    /// Of the room that the page has: `37.20%`.
    static func percent(_ number: Double) -> String {
        "\(number.withDecimals(2))%"
    }
}
