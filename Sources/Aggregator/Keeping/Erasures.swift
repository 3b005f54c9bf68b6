import Records
import Synchronization

/// Subjects that are to be erased, from whoever asks to whoever does it.
final class Erasures: Sendable {
    struct Request {
        let subjects: Set<Subject>
        /// Called with what is being done, or waited for, in words.
        let progress: @Sendable (String) -> Void
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

    /// The next one; nil when there is none.
    func take() -> Request? {
        requests.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// Tells all who wait for their turn.
    func tell(_ text: String) {
        for request in requests.withLock({ $0 }) { request.progress(text) }
    }
}
