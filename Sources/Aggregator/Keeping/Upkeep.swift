import Journal
import Logging
import Records
import Storage

/// Removes what has been kept for long enough: commits of the journal that are folded, and subjects. A little at a time,
/// because commits and folds wait for it.
struct Upkeep<Store: OutcomeStore> {
    /// How long commits are kept after they are folded.
    private static var commitDays: Int64 { 7 }
    private static var interval: Duration { .seconds(3600) }
    private static var rowsAtOnce: Int { 2000 }

    private enum Stage {
        case resting(until: ContinuousClock.Instant)
        case shortening
        case expiring(from: ExpiryPlace?)
    }

    private let journal: Journal
    private let store: Store
    private let recordIDsKept: Int
    private let logger: Logger
    private var stage = Stage.shortening
    private var commitsRemoved = 0
    private var subjectsErased = 0

    init(journal: Journal, store: Store, recordIDsKept: Int, logger: Logger) {
        self.journal = journal
        self.store = store
        self.recordIDsKept = recordIDsKept
        self.logger = logger
    }

    /// Does the next piece, if any is due; true when there is another at once.
    ///
    /// - Parameter folded: what the store has counted, and needs no more.
    mutating func step(folded: JournalPosition, declared: DeclaredNames, nowMilliseconds: Int64) async throws -> Bool {
        switch stage {
        case .resting(let end):
            guard .now >= end else { return false }
            stage = .shortening
        case .shortening:
            let count = try shorten(folded: folded, nowMilliseconds: nowMilliseconds)
            commitsRemoved += count
            if count == 0 { stage = .expiring(from: nil) }
        case .expiring(let place):
            let (erased, next) = try await store.expire(
                lastSeenBefore: declared.sites.mapValues { Self.cutoff($0.retentionDays, nowMilliseconds) },
                otherwise: Self.cutoff(DeclaredNames.retentionDaysDefault, nowMilliseconds), from: place,
                rowsMax: Self.rowsAtOnce)
            subjectsErased += erased
            guard next != nil else {
                rest()
                return false
            }
            stage = .expiring(from: next)
        }
        return true
    }

    private func shorten(folded: JournalPosition, nowMilliseconds: Int64) throws -> Int {
        let window = try journal.position(beforeLast: recordIDsKept)
        return try journal.shorten(
            through: window.sequence < folded.sequence ? window : folded,
            committedBefore: Self.cutoff(Int(Self.commitDays), nowMilliseconds), rowsMax: Self.rowsAtOnce)
    }

    private mutating func rest() {
        if commitsRemoved + subjectsErased > 0 {
            logger.info("removed \(commitsRemoved) old commits from the journal and \(subjectsErased) expired subjects")
        }
        (commitsRemoved, subjectsErased) = (0, 0)
        stage = .resting(until: .now + Self.interval)
    }

    private static func cutoff(_ days: Int, _ nowMilliseconds: Int64) -> Int64 {
        nowMilliseconds - Int64(days) * CountingWindow.dayMilliseconds
    }
}
