import Records
import TestSupport
import Testing

@testable import Aggregator

@Suite("The window of latest record ids")
struct RecordIDWindowTests {
    /// Tables of every load up to one half, and small enough that searches run into each other and past the end.
    @Test("it holds what a list of the latest ids holds", arguments: [1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 64, 100])
    func model(capacity: Int) {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        var window = RecordIDWindow(capacity: capacity)
        var model = NaiveWindow(capacity: capacity)
        let known = (0..<UInt128(4 * capacity)).map { RecordID($0) }
        for step in 0..<500 {
            let id = known[Int.random(in: known.indices, using: &generator)]
            guard window.contains(id) == model.contains(id) else {
                Issue.record("seed \(seed), step \(step): the window is wrong about id \(id.value)")
                return
            }
            if !model.contains(id) {
                window.insert(id)
                model.insert(id)
            }
            let wrong = known.filter { window.contains($0) != model.contains($0) }
            guard wrong.isEmpty, window.count == model.ids.count else {
                Issue.record("seed \(seed), step \(step): the window is wrong about \(wrong.map(\.value))")
                return
            }
        }
    }

    @Test("an id that was forgotten is remembered again, as the latest")
    func again() {
        var window = RecordIDWindow(capacity: 2)
        for number in [1, 2, 3, 1] as [UInt128] { window.insert(RecordID(number)) }
        #expect(window.contains(RecordID(1)))
        #expect(window.contains(RecordID(3)))
        #expect(!window.contains(RecordID(2)))
    }

    @Test("a new window is empty, whatever is asked for")
    func empty() {
        let window = RecordIDWindow(capacity: 4)
        #expect(window.count == 0)
        #expect(!window.contains(RecordID(0)))
        #expect(!window.contains(RecordID(.max)))
    }

    @Test("as many ids are remembered as promised, and no more")
    func realCapacity() {
        let extra: UInt128 = 1000
        var window = RecordIDWindow()
        for number in 0..<UInt128(Limits.recordIDWindow) + extra { window.insert(RecordID(number)) }
        #expect(window.count == Limits.recordIDWindow)
        #expect((0..<extra).allSatisfy { !window.contains(RecordID($0)) })
        let latest = extra..<UInt128(Limits.recordIDWindow) + extra
        #expect(latest.allSatisfy { window.contains(RecordID($0)) })
    }
}

/// The latest ids, searched one by one.
struct NaiveWindow {
    let capacity: Int
    private(set) var ids: [RecordID] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    func contains(_ id: RecordID) -> Bool {
        ids.contains(id)
    }

    mutating func insert(_ id: RecordID) {
        ids.append(id)
        if ids.count > capacity { ids.removeFirst() }
    }
}
