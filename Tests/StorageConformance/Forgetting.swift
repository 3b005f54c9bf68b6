import Records
import Storage
import Testing

extension StorageConformance {
    static let forgetting = [
        StorageConformance(description: "who is forgotten counts once for each rule version, and once in all") { kind in
            let store = try await kind.open(DimensionLimits())
            let rules = (1...5).map { "rule \($0)" }
            let records = rules.flatMap { rule in (1...3).map { Fixture.record($0, rule: rule) } }
            try await store.fold(records, advancingTo: Fixture.position(1))
            #expect(try await store.forget([Subject(1), Subject(2), Subject(7)]) == 10)
            #expect(try await store.forget([Subject(1), Subject(2), Subject(3)]) == 5)
            #expect(try await store.rules(site: "site").map(\.conversions) == [3, 3, 3, 3, 3])
            let holder = try await store.overwriteForgotten(again: false)
            #expect(holder == nil || !kind.overwritesAtOnce)
        },
        StorageConformance(description: "who is forgotten stays counted, and counts anew who comes again") { kind in
            let store = try await kind.open(DimensionLimits())
            let record = Fixture.record(1, conversion: nil)
            try await store.fold([record], advancingTo: Fixture.position(1))
            #expect(try await store.forget([Subject(1)]) == 1)
            #expect(try await store.outcomes()?.map(\.exposed) == [1])
            try await store.fold([record], advancingTo: Fixture.position(2))
            #expect(try await store.outcomes()?.map(\.exposed) == [2])
        },
        StorageConformance(description: "an erasure that is noted stays so until it is finished, subject by subject") {
            kind in
            let store = try await kind.open(DimensionLimits())
            #expect(try await store.unfinishedErasure() == nil)
            let subjects: Set = [Subject(1), Subject(.max), Subject(1 << 127)]
            try await store.noteErasure(of: subjects)
            try await store.noteErasure(of: subjects)
            #expect(try await store.unfinishedErasure() == subjects)
            #expect(try await store.forget([Subject(1), Subject(.max)]) == 0)
            #expect(try await store.unfinishedErasure() == [Subject(1 << 127)])
            #expect(try await store.forget([Subject(1 << 127)]) == 0)
            #expect(try await store.unfinishedErasure() == [])
            try await store.finishErasure()
            #expect(try await store.unfinishedErasure() == nil)
        },
    ]
}
