import Records
import Storage
import Testing

extension StorageConformance {
    static let folding = [
        StorageConformance(description: "the position is nil at first, then that of the last fold") { kind in
            let store = try await kind.open(DimensionLimits())
            #expect(try await store.position() == nil)
            try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(7))
            #expect(try await store.position() == Fixture.position(7))
            try await store.fold([], advancingTo: Fixture.position(9))
            #expect(try await store.position() == Fixture.position(9))
        },
        StorageConformance(description: "a position keeps all 16 bytes of id and checksum") { kind in
            let store = try await kind.open(DimensionLimits())
            let position = FoldPosition(journalID: .max, sequence: .max, checksum: 1 << 127 | 1)
            try await store.fold([], advancingTo: position)
            #expect(try await store.position() == position)
        },
        StorageConformance(description: "a fold that is done again counts nothing") { kind in
            let store = try await kind.open(DimensionLimits())
            for _ in 1...3 { try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(4)) }
            #expect(try await store.rules(site: "site").map(\.conversions) == [1])
        },
        refusal("a fold that leads back is refused", of: Fixture.position(3)),
        refusal("a fold of another journal is refused", of: Fixture.position(5, journal: 1)),
        refusal(
            "a fold of the same commit with another checksum is refused",
            of: FoldPosition(journalID: Fixture.journalID, sequence: 4, checksum: 0)),
        StorageConformance(description: "reports asked for while folds run see whole folds only") { kind in
            let store = try await kind.open(DimensionLimits())
            async let folds: Void = Fixture.fold(
                (1...50).map { fold in (1...20).map { Fixture.record(fold * 20 + $0) } }, into: store)
            for _ in 1...50 {
                let events = try await store.rules(site: "site").first?.conversions ?? 0
                #expect(events % 20 == 0)
                // Of subjects as of calls.
                guard let counted = try await store.outcomes()?.first?.conversions.first else { continue }
                #expect(counted.events % 20 == 0)
                #expect(counted.converters == counted.events)
            }
            try await folds
            #expect(try await store.rules(site: "site").map(\.conversions) == [1000])
            #expect(try await store.outcomes()?.first?.conversions.map(\.converters) == [1000])
        },
    ]

    /// A store at commit 4 refuses to go to `position`, and counts and keeps nothing of that fold.
    private static func refusal(_ description: String, of position: FoldPosition) -> StorageConformance {
        StorageConformance(description: description) { kind in
            let store = try await kind.open(DimensionLimits())
            try await store.fold([Fixture.record(1)], advancingTo: Fixture.position(4))
            let error = await #expect(throws: StorageError.self) {
                try await store.fold([Fixture.record(2, rule: "refused")], advancingTo: position)
            }
            guard case .positionRefused = error else { throw try #require(error) }
            #expect(try await store.position() == Fixture.position(4))
            #expect(try await store.rules(site: "site").map(\.rule) == [DimensionName("rule")])
        }
    }
}
