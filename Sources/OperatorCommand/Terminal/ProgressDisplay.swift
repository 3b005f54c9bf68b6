import Daemon
import Synchronization

/// Redraws one line of the terminal as something advances; where standard error is no terminal it stays silent.
final class ProgressDisplay: Sendable {
    private struct State {
        var done = 0
        var drawn: ContinuousClock.Instant?
    }

    private static let interval = Duration.milliseconds(100)
    private static let eraseLine = "\r\u{1B}[K"

    private let bar: ProgressBar
    private let columns: Int?
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(total: Int) {
        bar = ProgressBar(total: total)
        columns = Output.error.terminalColumns
    }

    /// One more is done. Drawing is kept to ten times a second, inside the lock so that lines do not mix.
    func advance() {
        guard let columns else { return }
        state.withLock { state in
            state.done += 1
            let now = ContinuousClock.now
            if let drawn = state.drawn, now - drawn < Self.interval { return }
            state.drawn = now
            // A line that fills the last column would wrap on some terminals.
            let line = bar.line(done: state.done, seconds: (now - start) / .seconds(1), columnsMax: columns - 1)
            Output.error.write(Self.eraseLine + line)
        }
    }

    /// Takes the line away again.
    func finish() {
        if columns != nil { Output.error.write(Self.eraseLine) }
    }
}

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
