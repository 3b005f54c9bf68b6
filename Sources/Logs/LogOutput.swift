import Glibc
import Synchronization

/// Standard error, as daemons log on it: whole lines, and never waiting for whoever reads them. A pipe that nobody reads
/// would hold up whoever logs, and with it every request.
final class LogOutput: Sendable {
    private struct State {
        /// What is left of lines whose beginning is written.
        var rest: ArraySlice<UInt8> = []
        /// Events left out because nobody read.
        var lostCount = 0
    }

    static let standardError = LogOutput(descriptor: STDERR_FILENO)

    private let descriptor: Int32
    private let state = Mutex(State())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes the lines of an event; leaves the event out where they cannot be begun now.
    ///
    /// - Parameter lost: the lines that tell of so many events that were left out.
    func write(_ lines: String, lost: (Int) -> String) {
        state.withLock { state in
            state.rest = writeNow(state.rest)
            let text = (state.lostCount > 0 ? lost(state.lostCount) : "") + lines
            guard state.rest.isEmpty, case let bytes = Array(text.utf8)[...], case let rest = writeNow(bytes),
                rest.count < bytes.count
            else {
                state.lostCount += 1
                return
            }
            (state.rest, state.lostCount) = (rest, 0)
        }
    }

    /// Returns what there is no room for. A log that cannot be written is nobody's to tell.
    private func writeNow(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes
        while !rest.isEmpty, hasRoom {
            let piece = Self.piece(of: rest)
            let count = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                return []
            }
        }
        return rest
    }

    /// As many lines as a pipe takes in one piece, so that those of several processes do not mix; part of one that is longer.
    /// A pipe that has any room has as much.
    private static func piece(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let piece = bytes.prefix(Int(PIPE_BUF))
        guard piece.count < bytes.count, let end = piece.lastIndex(of: UInt8(ascii: "\n")) else { return piece }
        return piece[...end]
    }

    private var hasRoom: Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }
}
