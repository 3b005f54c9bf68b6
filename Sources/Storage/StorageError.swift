/// Why a store did not do what it was asked to. `store` is its file, or whatever names it to an operator.
public enum StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no room. Nothing of the fold was stored; the same one may be tried again later.
    case full(store: String)
    /// Another process holds it. Nothing of the fold was stored; the same one may be tried again later.
    case locked(store: String)
    /// It cannot be reached, or does not take this now. `reason` says why and what to do. Perhaps some of the fold was stored; the
    /// same one may be tried again later, and counts once.
    case unavailable(store: String, reason: String)
    /// Reading, writing or syncing failed. What the disk holds is no longer known, so the process must end.
    case inputOutput(store: String, reason: String)
    /// The store holds something other than what was put into it.
    case damaged(store: String, reason: String)
    /// The store cannot serve at all. `reason` says why and what to do.
    case unusable(store: String, reason: String)
    /// The place a fold leads to does not follow from the place the store stands at.
    case positionRefused(store: String, reason: String)
    /// The calling task was cancelled. A fold may have been stored before that was noticed: see the position.
    case cancelled(store: String)

    /// Whether the same fold may succeed later, and then counts once.
    public var isTemporary: Bool {
        switch self {
        case .full, .locked, .unavailable: true
        case .inputOutput, .damaged, .unusable, .positionRefused, .cancelled: false
        }
    }

    /// Whether the store holds something other than what was put into it.
    public var isDamage: Bool {
        if case .damaged = self { true } else { false }
    }

    /// One line: the store, what is wrong with it, and what to do.
    public var description: String {
        switch self {
        case .full(let store):
            "\(store): no room to count more records, so none of these were; free some space on its disk, "
                + "counting goes on by itself once there is room"
        case .locked(let store):
            "\(store): another process holds the file; end that one, "
                + "an aggregator that runs goes on by itself once the file is free"
        case .inputOutput(let store, let reason):
            "\(store): \(reason); look at the disk, then start again"
        case .damaged(let store, let reason):
            "\(store): \(reason); restore store and journal from one backup, or run "
                + "`rule-outcomes recount`, which counts what the journal still has"
        case .unavailable(let store, let reason), .unusable(let store, let reason):
            "\(store): \(reason)"
        case .positionRefused(let store, let reason):
            "\(store): does not belong to this journal: \(reason); restore both from the same backup"
        case .cancelled(let store):
            "\(store): given up because the task was cancelled"
        }
    }
}
