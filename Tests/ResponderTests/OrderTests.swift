import Testing

@testable import Responder

@Suite("The order of the checks")
struct OrderTests {
    @Test("of two faults the one that is looked for earlier is answered", arguments: Fault.pairs)
    func earlierFirst(_ first: Fault, _ second: Fault) async throws {
        let alone = try await Fault.meet([first])
        let together = try await Fault.meet([first, second])
        let later = try await Fault.meet([second])
        #expect(together.answer.status == alone.answer.status)
        #expect(together.answer.body == alone.answer.body)
        #expect(alone.answer.body != later.answer.body, "the two can be told apart")
        #expect(together.endpoint.kinds.map(\.reason) == alone.endpoint.kinds.map(\.reason))
        #expect(together.endpoint.records.isEmpty)
    }

    @Test("the pairs hold every row but the last as the earlier one, and every row but the first as the later")
    func pairs() {
        #expect(Set(Fault.pairs.map(\.0.row)) == Set(1...14))
        #expect(Set(Fault.pairs.map(\.1.row)) == Set(2...15))
    }

    @Test("with every fault at once, and then one less after the other, each row is met in its turn")
    func allAtOnce() async throws {
        // One of each row; those that cannot meet an earlier one are left out.
        var faults: [Fault] = [
            .otherPath, .unknownSite, .parametersTooLarge, .otherMethod, .originNotListed, .excluded,
            .contentTypeMissing, .bodyTooLarge, .trackingIDMissing, .credentialMissing, .notForwarded,
        ]
        while let first = faults.first {
            let alone = try await Fault.meet([first]).answer
            let together = try await Fault.meet(faults).answer
            #expect(together.status == alone.status && together.body == alone.body, "\(first)")
            faults.removeFirst()
        }
    }
}
