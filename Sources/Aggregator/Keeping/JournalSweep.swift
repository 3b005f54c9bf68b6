import Journal
import ServiceLifecycle

/// Goes through the journal to erase records, for as long at once as folds can wait.
struct JournalSweep {
    private static let patience = Duration.seconds(1)

    let journal: Journal
    let disk: DiskQueue

    /// Returns the place up to which the commits were looked at: `end` when all were.
    ///
    /// - Parameters:
    ///   - position: where to begin; nil for the journal's beginning.
    ///   - erase: changes a batch, and returns how many of its records it has erased.
    func erase(
        after position: JournalPosition?, through end: JournalPosition,
        _ erase: @escaping @Sendable (inout [UInt8]) throws -> Int
    ) async throws -> JournalPosition {
        let start = ContinuousClock.now
        var position = position ?? journal.start
        while position.sequence < end.sequence, .now - start < Self.patience, !Task.isShuttingDownGracefully {
            position = try await disk.run { [journal, position] in
                try journal.erase(after: position, through: end) { row in
                    var batch = row.batch
                    return try erase(&batch) > 0 ? batch : nil
                }.last
            }
        }
        return position
    }
}
