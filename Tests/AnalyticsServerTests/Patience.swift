import Foundation
import Glibc

/// Waits for what a peer does: for the event, and never longer than a minute, so that a failed test ends.
enum Patience {
    struct Lost: Error {}
    struct Failed: Error {
        let code: CInt
    }

    private static let minuteMilliseconds: CInt = 60_000

    /// What `read` gives once `descriptor` is readable; nil is an error.
    ///
    /// Waits on a thread of its own: those of Swift's tasks are as few as there are processors.
    static func untilReadable(
        _ descriptor: CInt, _ read: @escaping @Sendable () -> [UInt8]?
    ) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try whenReadable(descriptor, read) })
            }
        }
    }

    private static func whenReadable(_ descriptor: CInt, _ read: () -> [UInt8]?) throws -> [UInt8] {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, minuteMilliseconds) == 1 else { throw Lost() }
        guard let bytes = read() else { throw Failed(code: errno) }
        return bytes
    }
}
