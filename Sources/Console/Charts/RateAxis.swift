import Foundation

/// The axis that all rates of a page are drawn on, from 0 to a round number above the highest.
struct RateAxis {
    struct Tick {
        let x: String
        let label: String
        /// How its label stands to it: `start`, `middle` or `end`.
        let anchor: String
    }

    private let end: Double
    private let step: Double

    /// - Parameter highest: the highest rate, or end of an interval, that is shown.
    init(highest: Double) {
        let span = highest.isFinite ? max(highest, 0.0001) : 1
        let rough = span / 4
        let magnitude = pow(10, floor(log10(rough)))
        let steps = [1.0, 2, 2.5, 5, 10].map { $0 * magnitude }
        step = steps.first { $0 >= rough * 0.999 } ?? 10 * magnitude
        // Only by activity can a rate be over 100 %.
        let end = (span / step - 1e-9).rounded(.up) * step
        self.end = span <= 1 ? min(end, 1) : end
    }

    /// How far along the axis a rate stands: `37.20%`.
    func x(_ rate: Double) -> String {
        String(format: "%.2f%%", min(max(rate / end, 0), 1) * 100)
    }

    var ticks: [Tick] {
        let count = Int((end / step + 0.001).rounded(.down))
        return (0...count).map { index in
            let rate = Double(index) * step
            let anchor = index == 0 ? "start" : rate > end * 0.97 ? "end" : "middle"
            return Tick(x: x(rate), label: label(rate), anchor: anchor)
        }
    }

    private func label(_ rate: Double) -> String {
        // As many digits as the step has.
        let digits = (0...4).first { digits in
            let scaled = step * 100 * pow(10, Double(digits))
            return abs(scaled - scaled.rounded()) < 1e-6
        }
        return String(format: "%.\(digits ?? 4)f %%", rate * 100)
    }
}
