import SQLiteStorage
import Storage
import Testing
import TestSupport

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
