import Records
import Testing

@testable import Aggregator

@Suite("A batch")
struct BatchTests {
    private var batch = Batch()

    @Test("records that are new are taken over as they arrived")
    mutating func new() throws {
        let records = try Sample.encoded(1...3)
        batch.add(records, unlessIn: RecordIDWindow(capacity: 1))
        #expect(batch.bytes == records.bytes)
        #expect(batch.ids == records.ids)
        #expect(batch.recordCount == 3)
        #expect(batch.duplicateCount == 0)
    }

    @Test("of equal ids in one run of records the first is kept")
    mutating func duplicateWithinRun() throws {
        let records = [Sample.record(1, outcome: "first"), Sample.record(2), Sample.record(1, outcome: "second")]
        batch.add(try Sample.encoded(records), unlessIn: RecordIDWindow(capacity: 1))
        #expect(batch.bytes == Sample.bytes(records.prefix(2)))
        #expect(batch.recordCount == 2)
        #expect(batch.duplicateCount == 1)
    }

    @Test("of equal ids in two runs of records the first is kept")
    mutating func duplicateAcrossRuns() throws {
        let window = RecordIDWindow(capacity: 1)
        batch.add(try Sample.encoded([1, 2]), unlessIn: window)
        batch.add(try Sample.encoded([2, 3, 1]), unlessIn: window)
        #expect(batch.bytes == Sample.bytes([1, 2, 3]))
        #expect(batch.ids == [1, 2, 3].map(RecordID.init))
        #expect(batch.duplicateCount == 2)
    }

    @Test("what is in the window is left out, wherever it stands among others", arguments: [1, 2, 3] as [UInt128])
    mutating func known(number: UInt128) throws {
        var window = RecordIDWindow(capacity: 4)
        window.insert(RecordID(number))
        batch.add(try Sample.encoded(1...3), unlessIn: window)
        #expect(batch.bytes == Sample.bytes((1...3).filter { $0 != number }))
        #expect(batch.duplicateCount == 1)
    }

    @Test("a batch of known records is empty")
    mutating func allKnown() throws {
        var window = RecordIDWindow(capacity: 4)
        for number in 1...3 as ClosedRange<UInt128> { window.insert(RecordID(number)) }
        batch.add(try Sample.encoded(1...3), unlessIn: window)
        #expect(batch.bytes.isEmpty)
        #expect(batch.recordCount == 0)
        #expect(batch.duplicateCount == 3)
    }
}
