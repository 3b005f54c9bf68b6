import SQLiteStorage
import Testing
import TestSupport

/// One after the other: each keeps a processor busy, and other tests wait for events that have to come in time.
@Suite("Counts of random traffic", .serialized)
struct CountingPropertyTests {
    /// A failure names its seed, which is the number of the traffic.
    @Test(
        "are those of the reference model, whatever the order, the folds, the declarations and restarts",
        arguments: 0..<200)
    func agreement(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/store.sqlite"
        try await StorageConformance.agreesWithModel(count: 10_000, seed: seed) { try SQLiteOutcomeStore(path: path) }
    }
}
