import ClickHouseStorage
import Foundation
import Storage
import Testing

@Suite("The ClickHouse store conforms", .withClickHouse)
struct ClickHouseConformanceTests {
    @Test("it does what every store must, on one server and on two", arguments: StorageConformance.all, [1, 2])
    func conformance(fact: StorageConformance, count: Int) async throws {
        try await fact.check(
            StoreUnderTest { limits in
                try await ClickHouseOutcomeStore(at: try await Self.databases(count), limits: limits)
            })
    }

    /// `COUNTING_SEEDS` says otherwise, as it does for the SQLite store.
    private static let seedCount = ProcessInfo.processInfo.environment["COUNTING_SEEDS"].flatMap { UInt64($0) } ?? 20

    @Test("counts of random traffic are those of the reference model", arguments: 0..<Self.seedCount)
    func agreement(seed: UInt64) async throws {
        let databases = try await Self.databases(Int(seed % 2) + 1)
        try await StorageConformance.agreesWithModel(count: 10_000, seed: seed) {
            try await ClickHouseOutcomeStore(at: databases)
        }
    }

    private static func databases(_ count: Int) async throws -> [ClickHouseAddress] {
        var addresses: [ClickHouseAddress] = []
        for server in WithClickHouse.servers.prefix(count) { addresses.append(try await server.newDatabase()) }
        return addresses
    }
}
