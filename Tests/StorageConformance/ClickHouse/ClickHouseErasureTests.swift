import ClickHouseStorage
import Foundation
import Records
import Storage
import Synchronization
import Testing

extension ClickHouseTests {
    @Suite("Who is erased from the ClickHouse store", .withClickHouse(.debian, logsEverything: true), .serialized)
    struct ClickHouseErasureTests {
        private let erased = (0..<40).map { _ in Subject(.random(in: .min ... .max)) }
        private let kept = (0..<40).map { _ in Subject(.random(in: .min ... .max)) }

        @Test("is in no file of any server afterwards: no part, no mutation, no log")
        func files() async throws {
            let databases = try await WithClickHouse.databases()
            let store = try await WithClickHouse.open(databases, journalID: 1)
            for sequence in 1...3 {
                let records = (erased + kept).map {
                    Fixture.record($0.value, at: Int64(sequence) * 1_000_000, conversion: sequence == 1 ? nil : "READ")
                }
                try await store.fold(records, advancingTo: Fixture.position(Int64(sequence), journal: 1))
            }
            let before = try await store.outcomes()
            #expect(try Self.found(erased) > erased.count / 2)

            try await store.noteErasure(of: Set(erased))
            #expect(try await store.forget(erased) == erased.count)
            #expect(try await store.unfinishedErasure() == [])
            #expect(try await store.overwriteForgotten(again: false) == nil)
            try await store.finishErasure()
            // All of it is in ClickHouse's own log of queries by then.
            let patience = ContinuousClock.now + .seconds(30)
            while try await !Self.hasLogged("ALTER TABLE erasure DELETE"), .now < patience {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await Self.hasLogged("ALTER TABLE erasure DELETE"))
            #expect(try Self.found(erased) == 0)
            #expect(try Self.found(kept) > kept.count / 2)
            #expect(try await store.outcomes() == before)
        }

        @Test("counts once, whatever dies when: the erasure is cut off anywhere, and done again")
        func interruptions() async throws {
            let databases = try await WithClickHouse.databases()
            var store = try await WithClickHouse.open(databases, journalID: 1)
            try await store.fold(
                erased.map { Fixture.record($0.value, conversion: nil) },
                advancingTo: Fixture.position(1, journal: 1))
            let before = try await store.outcomes()
            try await store.noteErasure(of: Set(erased))
            var milliseconds = 0.0
            while let left = try await store.unfinishedErasure(), !left.isEmpty {
                // Each time a little later, until it comes to its end.
                milliseconds = milliseconds * 1.1 + 0.5
                let erasure = Task { [store] in _ = try await store.forget(Array(left)) }
                try await Task.sleep(for: .milliseconds(milliseconds))
                erasure.cancel()
                _ = try? await erasure.value
                #expect(try await store.outcomes() == before)
                store = try await WithClickHouse.open(databases, journalID: 1)
            }
            #expect(try await store.forget(erased) == 0)
            #expect(try await store.outcomes() == before)
        }

        @Test("counts once where several aggregators expire at the same time")
        func several() async throws {
            let databases = try await WithClickHouse.databases()
            var stores: [ClickHouseOutcomeStore] = []
            for journal in 1...3 {
                stores.append(try await WithClickHouse.open(databases, journalID: UInt128(journal)))
            }
            try await stores[0].fold(
                erased.map { Fixture.record($0.value) }, advancingTo: Fixture.position(1, journal: 1))
            let before = try await stores[0].outcomes()
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for store in stores {
                    group.addTask {
                        while true {
                            do {
                                return try await store.expire(
                                    lastSeenBefore: [:], otherwise: .max, from: nil, rowsMax: 1000
                                ).erased
                            } catch let error as StorageError where error.isTemporary {
                                // It has waited for another long enough.
                            }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.sorted() == [0, 0, erased.count])
            #expect(try await stores[0].outcomes() == before)
        }

        @Test("counts once for whoever reads meanwhile")
        func readers() async throws {
            let store = try await WithClickHouse.open(try await WithClickHouse.databases(), journalID: 1)
            try await store.fold(
                erased.flatMap { [Fixture.record($0.value, conversion: nil), Fixture.record($0.value, at: 2000)] },
                advancingTo: Fixture.position(1, journal: 1))
            let before = try await store.outcomes()
            let isDone = Atomic(false)
            async let erasure: Void = {
                for subject in erased.prefix(12) { _ = try await store.forget([subject]) }
                isDone.store(true, ordering: .relaxed)
            }()
            while !isDone.load(ordering: .relaxed) { #expect(try await store.outcomes() == before) }
            try await erasure
        }

        private static func hasLogged(_ query: String) async throws -> Bool {
            let server = try #require(WithClickHouse.servers.first)
            let count = try await server.run("SELECT count() FROM system.query_log WHERE startsWith(query, '\(query)')")
            return count.map { !$0.hasPrefix("0") } ?? false
        }

        /// How many of them stand in any file, as ClickHouse keeps them and as a text. Six of their bytes are looked for, because of
        /// those beside them its compression may make one with what is near.
        private static func found(_ subjects: [Subject]) throws -> Int {
            var left = Set(subjects.map { Int64(truncatingIfNeeded: $0.value >> 64) })
            for server in WithClickHouse.servers {
                let files = FileManager.default.enumerator(atPath: server.path)
                while let name = files?.nextObject() as? String {
                    guard let content = FileManager.default.contents(atPath: "\(server.path)/\(name)") else { continue }
                    left = left.filter { high in
                        let bytes = withUnsafeBytes(of: high.littleEndian) { Data($0.dropFirst().dropLast()) }
                        return content.range(of: bytes) == nil && content.range(of: Data("\(high)".utf8)) == nil
                    }
                }
            }
            return subjects.count - left.count
        }
    }
}
