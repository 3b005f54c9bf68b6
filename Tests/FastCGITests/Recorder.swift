import Synchronization

/// What happened, in order, told from any thread.
final class Recorder<Event: Sendable>: Sendable {
    private let log = Mutex<[Event]>([])

    func note(_ event: Event) {
        log.withLock { $0.append(event) }
    }

    var events: [Event] {
        log.withLock { $0 }
    }
}
