/// How far something has come, in one line.
struct ProgressBar {
    private static let barColumnsMax = 40

    /// At least 1.
    let total: Int

    /// The line for `done` of `total` after so many seconds, in at most `columnsMax` columns: the bar gives way first,
    /// then the line is cut.
    func line(done: Int, seconds: Double, columnsMax: Int) -> String {
        let percentage = done * 100 / total
        let rate = seconds > 0 ? Int(Double(done) / seconds) : 0
        let facts = "\(percentage) %  \(done)/\(total)  \(rate)/s"
        let barColumns = min(Self.barColumnsMax, columnsMax - facts.count - 4)
        guard barColumns > 0 else { return String(facts.prefix(max(0, columnsMax))) }
        let filled = barColumns * done / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: barColumns - filled)
        return "[\(bar)]  \(facts)"
    }
}
