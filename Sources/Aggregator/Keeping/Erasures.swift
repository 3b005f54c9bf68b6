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

    /// How many may wait for their turn. Each takes both files once through, and an operator gives few.
    static let waitingMax = 16

    private let requests = Mutex<[Request]>([])
    private let onRequest: @Sendable () -> Void

    /// `onRequest` is called when there is something to do.
    init(onRequest: @escaping @Sendable () -> Void) {
        self.onRequest = onRequest
    }

    /// False when too many wait already.
    func submit(_ request: Request) -> Bool {
        let isTaken = requests.withLock { requests in
            guard requests.count < Self.waitingMax else { return false }
            requests.append(request)
            return true
        }
        if isTaken { onRequest() }
        return isTaken
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
