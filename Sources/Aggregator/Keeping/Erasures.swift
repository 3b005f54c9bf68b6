import Records
import Synchronization

/// Subjects that are to be erased, from whoever asks to whoever does it.
final class Erasures: Sendable {
    struct Request {
        let subjects: [Subject]
        /// Called with how many there were to erase, once nothing is left of them.
        let reply: @Sendable (Int) -> Void
    }

    private let requests = Mutex<[Request]>([])
    private let onRequest: @Sendable () -> Void

    /// `onRequest` is called when there is something to do.
    init(onRequest: @escaping @Sendable () -> Void) {
        self.onRequest = onRequest
    }

    func submit(_ request: Request) {
        requests.withLock { $0.append(request) }
        onRequest()
    }

    /// What is to be done; whoever cannot do it now gives it back.
    func take() -> [Request] {
        requests.withLock { requests in
            defer { requests = [] }
            return requests
        }
    }

    func giveBack(_ taken: [Request]) {
        requests.withLock { $0 = taken + $0 }
    }
}
