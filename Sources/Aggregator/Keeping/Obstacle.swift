import Journal
import Storage

/// What keeps something from going on that is tried again after a while.
struct Obstacle {
    private static let retryTime = Duration.seconds(1)

    let reason: String
    private let end = ContinuousClock.now + Obstacle.retryTime

    init(_ reason: String) {
        self.reason = reason
    }

    /// Nil for an error that is not over by itself.
    init?(_ error: any Error) {
        switch error {
        case let error as StorageError where error.isTemporary || error.isDamage: self.init("\(error)")
        case let error as JournalError where error.isTemporary: self.init("\(error)")
        default: return nil
        }
    }

    /// Whether it is time to try again.
    var isOver: Bool { .now >= end }
}

/// How far a piece of keeping has come.
enum KeepingStep {
    case idle
    /// There is more to do, once what is durable is folded again.
    case more
    /// It cannot go on now, for this reason.
    case waiting(String)
}
