import Dispatch
import Glibc

/// Waits for what a peer does: for the event, and never longer than a minute, so that a failed test ends.
enum Patience {
    struct Lost: Error {}
    struct Failed: Error {
        let code: CInt
    }

    private static let minuteMilliseconds: CInt = 60_000
    /// Blocking calls run here and not on the threads that Swift's tasks share.
    private static let queue = DispatchQueue(label: "patience", attributes: .concurrent)

    /// The result of `call` once `descriptor` is readable. A negative one is an error.
    static func untilReadable(_ descriptor: CInt, _ call: @escaping @Sendable () -> Int) async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try whenReadable(descriptor, call) })
            }
        }
    }

    static func untilReadable(_ descriptor: CInt, _ call: @escaping @Sendable () -> CInt) async throws -> CInt {
        CInt(try await untilReadable(descriptor) { Int(call()) })
    }

    private static func whenReadable(_ descriptor: CInt, _ call: () -> Int) throws -> Int {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, minuteMilliseconds) == 1 else { throw Lost() }
        let result = call()
        guard result >= 0 else { throw Failed(code: errno) }
        return result
    }
}
