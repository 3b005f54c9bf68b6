import ForwardProtocol
import Journal
import Synchronization

/// What a group commit did, in order.
final class CommitOutcome: Sendable {
    struct Answer: Equatable {
        /// The name that the submission was given.
        let name: String
        let frame: AggregatorFrame
    }

    private struct Events {
        var answers: [Answer] = []
        var commitCount = 0
        var failures: [JournalError] = []
    }

    private let events = Mutex(Events())

    var answers: [Answer] { events.withLock { $0.answers } }
    var commitCount: Int { events.withLock { $0.commitCount } }
    var failures: [JournalError] { events.withLock { $0.failures } }

    func answered(_ name: String, _ frame: AggregatorFrame) {
        events.withLock { $0.answers.append(Answer(name: name, frame: frame)) }
    }

    func committed() {
        events.withLock { $0.commitCount += 1 }
    }

    func failed(_ error: JournalError) {
        events.withLock { $0.failures.append(error) }
    }
}
