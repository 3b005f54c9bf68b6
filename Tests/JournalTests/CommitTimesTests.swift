import Testing
import TestSupport

@testable import Journal

@Suite("When commits were made")
struct CommitTimesTests {
    private static let hour: Int64 = 60 * 60 * 1000
    private static let day = 24 * hour
    /// In November 2023.
    private static let now: Int64 = 1_700_000_000_000

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A journal whose commits were made so long after another time.
    private func times(_ differences: [Int64], removed: Int = 0) throws -> CommitTimes? {
        let journal = try Journal(path: directory.journal)
        for difference in differences {
            try journal.append(batch: [1], recordCount: 1, nowMilliseconds: Self.now &+ difference)
        }
        if removed > 0, let end = try journal.position(at: Int64(removed)) {
            try journal.shorten(through: end, committedBefore: .max)
        }
        return try journal.commitTimes()
    }

    @Test("without a commit there is none")
    func none() throws {
        #expect(try times([]) == nil)
    }

    @Test("the first commits of all end a pause, for a day")
    func first() throws {
        #expect(try times([0, 1, 2]) == CommitTimes(lastMilliseconds: Self.now + 2, pauseEndedMilliseconds: Self.now))
    }

    @Test("a pause of more than a day is found wherever it stands in the last day", arguments: 1...40)
    func pause(after: Int) throws {
        let before = (0..<30).map { Int64($0) * Self.hour }
        let end = 30 * Self.hour + Self.day
        let found = try times(before + (0..<after).map { end + Int64($0) * Self.hour })
        // Behind the 24th hour nothing of it is seen any more.
        let pauseEnd = after <= 24 ? Self.now + end : nil
        #expect(
            found
                == CommitTimes(
                    lastMilliseconds: Self.now + end + Int64(after - 1) * Self.hour, pauseEndedMilliseconds: pauseEnd))
    }

    @Test("a day between two commits is no pause")
    func nearly() throws {
        let found = try times([0, Self.day, 2 * Self.day, 2 * Self.day + 1])
        #expect(found == CommitTimes(lastMilliseconds: Self.now + 2 * Self.day + 1, pauseEndedMilliseconds: nil))
    }

    @Test("where the commits before were removed, nothing is known of a pause")
    func removed() throws {
        #expect(
            try times([0, 1, 2, 3], removed: 2)
                == CommitTimes(lastMilliseconds: Self.now + 3, pauseEndedMilliseconds: nil))
    }

    @Test("any number is a time, as in a damaged row")
    func extremes() throws {
        #expect(try times([.min, .max, 0, .min + 1, .max - 1, 7])?.lastMilliseconds == Self.now + 7)
    }
}
