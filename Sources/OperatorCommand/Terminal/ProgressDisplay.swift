import Logs
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
