import Storage
import Testing
import TestSupport

@Suite("What is kept of a subject")
struct SubjectHistoryTests {
    private static let span = SparseTimes.spanMilliseconds

    @Test("of three times within the shortest window the middle one goes, whichever comes last")
    func middle() {
        for order in [[0, 1, Self.span], [1, 0, Self.span], [Self.span, 0, 1], [Self.span, 1, 0]] {
            var times = SparseTimes()
            for time in order { times.insert(time) }
            #expect(times.milliseconds == [0, Self.span])
        }
    }

    @Test("times that a window can tell apart all stay")
    func apart() {
        var times = SparseTimes()
        for time in [0, 1, Self.span + 1, 1, 0] { times.insert(time) }
        #expect(times.milliseconds == [0, 1, Self.span + 1])
    }

    @Test("a window at least a day long finds a time among those kept if and only if there was one", arguments: 0..<50)
    func windows(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let all = (0..<60).map { _ in Int64.random(in: 0...20 * Self.span, using: &random) / 1000 * 1000 }
        var times = SparseTimes()
        for time in all { times.insert(time) }
        #expect(times.first == all.min())
        #expect(times.milliseconds.count <= 42)
        for _ in 0..<200 {
            let start = Int64.random(in: -2 * Self.span...21 * Self.span, using: &random) / 1000 * 1000
            let window = start...start + Self.span + Int64.random(in: 0...3, using: &random) * Self.span
            #expect(times.containsAny(in: window) == all.contains { window.contains($0) })
        }
    }

    @Test("what is encoded is decoded again", arguments: 0..<50)
    func roundTrip(seed: UInt64) {
        let history = Self.random(seed: seed)
        let decoded = history.encode().withUnsafeBytes { SubjectHistory(decoding: $0) }
        #expect(decoded == history)
    }

    @Test("bytes that are cut read as nothing, and changed ones never end the process", arguments: 0..<20)
    func damage(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = Self.random(seed: seed).encode()
        for count in 0..<min(bytes.count, 300) {
            var changed = bytes
            changed[count] = UInt8.random(in: .min ... .max, using: &random)
            _ = changed.withUnsafeBytes { SubjectHistory(decoding: $0) }
        }
        #expect(bytes.dropLast().withUnsafeBytes { SubjectHistory(decoding: $0) } == nil)
    }

    private static func random(seed: UInt64) -> SubjectHistory {
        var random = SeededGenerator(seed: seed)
        var history = SubjectHistory()
        var changes = CellChanges()
        let last = Int64.random(in: 1...400, using: &random) * CountingWindow.dayMilliseconds
        for _ in 0..<Int.random(in: 1...60, using: &random) {
            let event = CountedEvent(
                outcomeID: Int64.random(in: 1...300, using: &random),
                conversionID: Bool.random(using: &random) ? nil : Int64.random(in: 1...3, using: &random),
                milliseconds: Int64.random(in: -last...last, using: &random))
            history.add(event, to: &changes)
        }
        return history
    }
}
