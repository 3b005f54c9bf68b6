import ClickHouseStorage
import Foundation
import Storage
import Testing

/// One test at a time: each keeps two servers busy, and others, a browser among them, want memory and answers in time.
@Suite("A store in ClickHouse", .serialized)
enum ClickHouseTests {}

/// `COUNTING_SEEDS` says otherwise where each seed takes ten times as long, under a sanitizer.
let clickHouseSeedCount = ProcessInfo.processInfo.environment["COUNTING_SEEDS"].flatMap { UInt64($0) } ?? 6

extension ClickHouseTests {
    @Suite("The ClickHouse store conforms, with Debian's version", .withClickHouse(.debian))
    struct ClickHouseConformanceTests {
        @Test("it does what every store must, on one server and on two", arguments: StorageConformance.all, [1, 2])
        func conformance(fact: StorageConformance, count: Int) async throws {
            try await ClickHouseConformance.check(fact, servers: count)
        }

        @Test("counts of random traffic are those of the reference model", arguments: 0..<clickHouseSeedCount)
        func agreement(seed: UInt64) async throws {
            try await ClickHouseConformance.agreesWithModel(seed)
        }
    }
}

extension ClickHouseTests {
    @Suite("The ClickHouse store conforms, with a current version", .withClickHouse(.current))
    struct CurrentClickHouseConformanceTests {
        @Test("it does what every store must", arguments: StorageConformance.all)
        func conformance(fact: StorageConformance) async throws {
            // It removes parts that were replaced when it comes to that, which may take minutes.
            try await ClickHouseConformance.check(fact, servers: 1, overwritesAtOnce: false)
        }

        @Test("counts of random traffic are those of the reference model", arguments: 0..<clickHouseSeedCount / 4)
        func agreement(seed: UInt64) async throws {
            try await ClickHouseConformance.agreesWithModel(seed)
        }
    }
}

private enum ClickHouseConformance {
    static func check(_ fact: StorageConformance, servers: Int, overwritesAtOnce: Bool = true) async throws {
        try await fact.check(
            StoreUnderTest(overwritesAtOnce: overwritesAtOnce) { limits in
                try await WithClickHouse.open(try await WithClickHouse.databases(servers), limits: limits)
            })
    }

    static func agreesWithModel(_ seed: UInt64) async throws {
        let databases = try await WithClickHouse.databases(Int(seed % 2) + 1)
        try await StorageConformance.agreesWithModel(count: 10_000, seed: seed) {
            try await WithClickHouse.open(databases)
        }
    }
}
