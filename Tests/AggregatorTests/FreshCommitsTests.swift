import Journal
import Testing

@testable import Aggregator

@Suite("Commits in memory until they are folded")
struct FreshCommitsTests {
    private let commits = FreshCommits()

    private static func row(_ sequence: Int64, bytes: Int = 10) -> JournalRow {
        JournalRow(
            position: JournalPosition(sequence: sequence, checksum: 0), recordCount: 1, committedMilliseconds: 0,
            batch: Array(repeating: 0, count: bytes))
    }

    private func taken(after sequence: Int64) -> [Int64]? {
        commits.take(after: JournalPosition(sequence: sequence, checksum: 0))?.map(\.position.sequence)
    }

    @Test("those that follow a position come in order, once")
    func following() {
        for sequence in Int64(1)...4 { commits.append(Self.row(sequence)) }
        #expect(taken(after: 2) == [3, 4])
        #expect(taken(after: 2) == nil)
        commits.append(Self.row(5))
        #expect(taken(after: 4) == [5])
    }

    @Test("where the next one is missing there are none, and those behind it stay for later")
    func gap() {
        for sequence in Int64(7)...8 { commits.append(Self.row(sequence)) }
        #expect(taken(after: 5) == nil)
        #expect(taken(after: 6) == [7, 8])
    }

    @Test("what the fold has read from the journal meanwhile comes no second time")
    func readAlready() {
        for sequence in Int64(7)...8 { commits.append(Self.row(sequence)) }
        #expect(taken(after: 8) == nil)
        #expect(taken(after: 6) == nil)
    }

    @Test("more than 8 MiB are not kept, and what comes after that is")
    func bounded() {
        for sequence in Int64(1)...9 { commits.append(Self.row(sequence, bytes: 1 << 20)) }
        #expect(taken(after: 0) == nil)
        #expect(taken(after: 7) == [8, 9])
    }
}
