import ForwardProtocol
import Records

@testable import Responder

/// A ``ForwardingState`` whose records are told from each other by number, each its own waiter.
final class NumberedForwarding {
    private var state: ForwardingState<Int>

    init(inFlightMax: Int = 100) {
        state = ForwardingState(inFlightMax: inFlightMax, deadlineMilliseconds: 2000, nowMilliseconds: 0)
    }

    /// With a link that is ready from the start.
    convenience init(inFlightMax: Int = 100, welcome: UInt32) {
        self.init(inFlightMax: inFlightMax)
        becomeReady(inFlightMax: welcome)
    }

    var inFlightCount: Int { state.inFlightCount }
    var nextDeadlineMilliseconds: Int64? { state.nextDeadlineMilliseconds }

    func becomeReady(inFlightMax: UInt32) {
        state.becomeReady(inFlightMax: inFlightMax)
    }

    func becomeDown(at now: Int64) {
        state.becomeDown(nowMilliseconds: now)
    }

    /// Submits a record; `encoded` stands in place of a real one where its size matters.
    func submit(
        _ number: Int, at now: Int64 = 0, encoded: [UInt8]? = nil, isYielding: Bool = false
    ) -> ForwardingFate? {
        state.submit(waiter: number, nowMilliseconds: now, isYielding: isYielding) {
            $0 += encoded ?? Record.numbered(number).encoded
        }
    }

    /// Submits several and says whether all were taken.
    func submitAll(_ numbers: some Sequence<Int>, at now: Int64 = 0) -> Bool {
        numbers.allSatisfy { submit($0, at: now) == nil }
    }

    func takeFrame() -> [UInt8]? {
        state.takeFrame(sentMilliseconds: 0)
    }

    /// The numbers in the next frame; nil when there is none.
    func takeNumbers() throws -> [Int]? {
        try takeFrame().map { try Self.records(in: $0).map(\.number) }
    }

    func resolve(_ count: UInt32, as fate: ForwardingFate = .durable) -> [Outcome]? {
        state.resolve(count, as: fate)?.map(Outcome.init)
    }

    func expire(at now: Int64) -> [Outcome] {
        state.expire(nowMilliseconds: now).map(Outcome.init)
    }

    static func records(in frame: [UInt8]) throws -> [Record] {
        let decoded = try frame.dropFirst(4).withUnsafeBytes { try ResponderFrame(decoding: $0) }
        guard case .records(let records) = decoded else { throw NotRecords() }
        return try records.bytes.withUnsafeBytes { try Record.decodeAll($0) }
    }

    struct NotRecords: Error {}
}
