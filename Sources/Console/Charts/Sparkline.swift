/// Counts over time as one line without an axis.
struct Sparkline {
    static let (width, height) = (120.0, 24.0)

    /// As SVG's `polyline` wants them.
    let points: String

    init(_ counts: [Int]) {
        let highest = Double(max(counts.max() ?? 0, 1))
        let step = Self.width / Double(max(counts.count - 1, 1))
        points = counts.enumerated().map { index, count in
            let y = Self.height - 1 - Double(count) / highest * (Self.height - 2)
            return "\(Coordinate.text(Double(index) * step)),\(Coordinate.text(y))"
        }.joined(separator: " ")
    }
}
