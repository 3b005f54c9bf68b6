import Storage
import Testing
import TestSupport

@testable import SQLiteStorage

@Suite("The levels of cells")
struct CellLevelTests {
    @Test("a range is made up of slots that hold each of its quarters once, and no other", arguments: 0..<100)
    func exact(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let ends = (0..<2).map { _ in Int64.random(in: -9000...9000, using: &random) }.sorted()
        let parts = CellLevel.slots(of: Quarter(ends[0])..<Quarter(ends[1]))
        let widths: [CellLevel: Int64] = [.quarter: 1, .hour: 4, .day: 96, .month: 3072]
        let quarters = parts.flatMap { part in
            part.slots.flatMap { slot in
                let width = widths[part.level] ?? 0
                return slot * width..<(slot + 1) * width
            }
        }
        #expect(quarters.sorted().elementsEqual(ends[0]..<ends[1]))
        for quarter in quarters.prefix(50) {
            #expect(parts.contains { $0.slots.contains($0.level.slot(of: quarter)) })
        }
    }

    @Test("all of time is few slots, and an empty range none")
    func ends() {
        #expect(CellLevel.slots(of: .all).count <= 7)
        #expect(CellLevel.slots(of: Quarter(7)..<Quarter(7)).isEmpty)
    }
}
