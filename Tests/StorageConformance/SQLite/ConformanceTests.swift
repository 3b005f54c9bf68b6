import Foundation
import SQLiteStorage
import Storage
import TestSupport
import Testing

@Suite("The SQLite store conforms")
final class ConformanceTests {
    /// Lives as long as the test whose stores it holds.
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("it does what every store must", arguments: StorageConformance.all)
    func conformance(fact: StorageConformance) async throws {
        try await fact.check(
            StoreUnderTest { [directory] limits in
                let number = UInt64.random(in: .min ... .max)
                return try SQLiteOutcomeStore(path: "\(directory.path)/\(number).sqlite", limits: limits)
            })
    }
}

/// One after the other: each keeps a processor busy, and other tests wait for events that have to come in time.
@Suite("Counts of random traffic", .serialized)
struct CountingPropertyTests {
    /// `COUNTING_SEEDS` says otherwise where each takes ten times as long, under a sanitizer.
    private static let seedCount = ProcessInfo.processInfo.environment["COUNTING_SEEDS"].flatMap { UInt64($0) } ?? 200

    /// A failure names its seed, which is the number of the traffic.
    @Test(
        "are those of the reference model, whatever the order, the folds, the declarations and restarts",
        arguments: 0..<Self.seedCount)
    func agreement(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/store.sqlite"
        try await StorageConformance.agreesWithModel(count: 10_000, seed: seed) { try SQLiteOutcomeStore(path: path) }
    }
}

extension TemporaryDirectory {
    var store: String { path + "/store.sqlite" }
}
