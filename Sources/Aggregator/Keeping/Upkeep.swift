import Journal
import Logging
import Records
import Storage

/// Removes what has been kept for long enough: commits of the journal that are folded, and subjects; then gives room that
/// the files do not use back to the disk. A little at a time, because commits and folds wait for it.
struct Upkeep {
    /// How long commits are kept after they are folded.
    private static let commitDays: Int64 = 7
    private static let interval = Duration.seconds(3600)
    private static let retryTime = Duration.seconds(60)

    private enum Stage {
        case resting(until: ContinuousClock.Instant)
        /// Through this commit; nil before it is looked for, which reads as far back as record ids are kept.
        case shortening(through: JournalPosition?)
        case expiring(from: ExpiryPlace?)
        case shrinking(File)
    }

    private enum File {
        case journal
        case store
    }

    private let journal: Journal
    private let store: any OutcomeStore
    private let disk: DiskQueue
    private let recordIDsKept: Int
    private let rowsAtOnce: Int
    private let logger: Logger
    private var stage = Stage.shortening(through: nil)
    private var commitsRemoved = 0
    private var subjectsErased = 0
    private var bytesGivenBack = 0

    init(
        journal: Journal, store: any OutcomeStore, disk: DiskQueue, recordIDsKept: Int, rowsAtOnce: Int = 2000,
        logger: Logger
    ) {
        self.journal = journal
        self.store = store
        self.disk = disk
        self.recordIDsKept = recordIDsKept
        self.rowsAtOnce = rowsAtOnce
        self.logger = logger
    }

    /// Does the next piece, if any is due; true when there is another at once.
    ///
    /// - Parameter folded: what the store has counted, and needs no more.
    mutating func step(folded: JournalPosition, declared: DeclaredNames, nowMilliseconds: Int64) async throws -> Bool {
        switch stage {
        case .resting(let end):
            guard .now >= end else { return false }
            stage = .shortening(through: nil)
        case .shortening(let known):
            let end = if let known { known } else { try await end(folded: folded) }
            let count = try await disk.run { [journal, rowsAtOnce] in
                try journal.shorten(
                    through: end, committedBefore: Self.cutoff(Int(Self.commitDays), nowMilliseconds),
                    rowsMax: rowsAtOnce)
            }
            commitsRemoved += count
            stage = count == 0 ? .expiring(from: nil) : .shortening(through: end)
        case .expiring(let place):
            let (erased, next) = try await store.expire(
                lastSeenBefore: declared.sites.mapValues { Self.cutoff($0.retentionDays, nowMilliseconds) },
                otherwise: Self.cutoff(DeclaredNames.retentionDaysDefault, nowMilliseconds), from: place,
                rowsMax: rowsAtOnce)
            subjectsErased += erased
            stage = next == nil ? .shrinking(.journal) : .expiring(from: next)
        case .shrinking(.journal):
            let count = try await disk.run { [journal] in try journal.giveBackRoom() }
            bytesGivenBack += count
            if count == 0 { stage = .shrinking(.store) }
        case .shrinking(.store):
            let count = try await store.giveBackRoom()
            bytesGivenBack += count
            guard count > 0 else {
                rest()
                return false
            }
        }
        return true
    }

    /// The last commit that the store does not need, whatever fails, and of which no record id has to be known.
    private func end(folded: JournalPosition) async throws -> JournalPosition {
        // A commit may be folded long after it was made, and a failure of the power takes the latest folds.
        try await store.makeDurable()
        let window = try await disk.run { [journal, recordIDsKept] in
            try journal.position(beforeLast: recordIDsKept)
        }
        return window.sequence < folded.sequence ? window : folded
    }

    /// It cannot be done now; it begins again after a while.
    mutating func giveUp() {
        stage = .resting(until: .now + Self.retryTime)
    }

    private mutating func rest() {
        if commitsRemoved + subjectsErased > 0 {
            logger.info("removed \(commitsRemoved) old commits from the journal and \(subjectsErased) expired subjects")
        }
        if bytesGivenBack > 0 { logger.info("gave \(bytesGivenBack >> 20) MiB of the disk back") }
        (commitsRemoved, subjectsErased, bytesGivenBack) = (0, 0, 0)
        stage = .resting(until: .now + Self.interval)
    }

    private static func cutoff(_ days: Int, _ nowMilliseconds: Int64) -> Int64 {
        nowMilliseconds - Int64(days) * CountingWindow.dayMilliseconds
    }
}
