import Records
import Testing

@Suite("Erasing records")
struct RecordErasingTests {
    @Test("what stands for no record reads as none, under its id")
    func nothing() throws {
        var bytes = Record.nothing(id: RecordID(7))
        #expect(try bytes.withUnsafeBytes { try Record.decodeAll($0) }.isEmpty)
        #expect(try bytes.withUnsafeBytes { try Record.decodeIDs($0) } == [RecordID(7)])
        #expect(try Record.erase([Subject(0)], in: &bytes) == 0)
    }

    private static let records = [
        Sample.record(id: 1, subject: 7), Sample.record(id: 2, subject: 8), Sample.exposure,
        Sample.record(id: 3, subject: 7),
    ]

    @Test("records of the subject read as none, the others and all ids as before")
    func erased() throws {
        var bytes = Self.records.flatMap(\.encoded)
        let count = bytes.count
        #expect(try Record.erase([Subject(7)], in: &bytes) == 2)
        #expect(bytes.count == count)
        #expect(try decode(bytes) == Array(Self.records[1...2]))
        #expect(try decodeIDs(bytes) == Self.records.map(\.id))
        #expect(try Record.erase([Subject(7), Subject(0)], in: &bytes) == 0)
    }

    @Test("nothing but the ids is left of them")
    func zeros() throws {
        var bytes = Sample.record(id: 1, subject: 7).encoded
        _ = try Record.erase([Subject(7)], in: &bytes)
        #expect(bytes.dropFirst(2).allSatisfy { $0 <= 1 })
        #expect(bytes.count { $0 == 1 } == 1)
    }

    @Test("bytes that are cut are refused and stay as they are")
    func cut() {
        var bytes = Array(Self.records.flatMap(\.encoded).dropLast())
        let before = bytes
        #expect(throws: DecodingFault.truncated) { try Record.erase([Subject(7)], in: &bytes) }
        #expect(bytes == before)
    }
}
