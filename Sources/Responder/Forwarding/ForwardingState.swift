import DequeModule
import ForwardProtocol

/// What has to be forwarded and what has become of it: a state machine without socket or clock.
///
/// Records stay, in order, until the aggregator has answered for them. When the connection breaks, those still waited
/// for are sent again, in order, on the next one; the aggregator drops what it has already.
struct ForwardingState<Waiter> {
    struct Resolution {
        let waiter: Waiter
        let fate: ForwardingFate
    }

    private struct Entry {
        let encoded: [UInt8]
        let deadlineMilliseconds: Int64
        /// nil once its deadline has passed. A sent record stays even so: the aggregator's answers are counts.
        var waiter: Waiter?
    }

    private enum Link {
        /// Not connected, or not yet welcome.
        case down(sinceMilliseconds: Int64)
        case ready(inFlightMax: Int)
    }

    private let inFlightMax: Int
    private let deadlineMilliseconds: Int64
    private var link: Link
    /// In the order they came in, which is that of their deadlines too.
    private var entries = Deque<Entry>()
    /// So many of the first entries were sent on the present connection.
    private var sentCount = 0
    /// So many of the first entries have no waiter any more. They are all among the sent ones.
    private var abandonedCount = 0

    init(inFlightMax: Int, deadlineMilliseconds: Int, nowMilliseconds: Int64) {
        self.inFlightMax = inFlightMax
        self.deadlineMilliseconds = Int64(deadlineMilliseconds)
        link = .down(sinceMilliseconds: nowMilliseconds)
    }

    var inFlightCount: Int { entries.count }

    /// When ``expire(nowMilliseconds:)`` has something to do next.
    var nextDeadlineMilliseconds: Int64? {
        abandonedCount < entries.count ? entries[abandonedCount].deadlineMilliseconds : nil
    }

    /// Takes a record in; or says at once why not.
    ///
    /// - Parameter isYielding: whether it leaves half of the room to others.
    mutating func submit(
        _ encoded: [UInt8], waiter: Waiter, nowMilliseconds: Int64, isYielding: Bool = false
    ) -> ForwardingFate? {
        if let fate = refusal(nowMilliseconds: nowMilliseconds, isYielding: isYielding) { return fate }
        let deadline = nowMilliseconds + deadlineMilliseconds
        entries.append(Entry(encoded: encoded, deadlineMilliseconds: deadline, waiter: waiter))
        return nil
    }

    /// What a record would hear at once; nil where it would be taken in.
    func refusal(nowMilliseconds: Int64, isYielding: Bool = false) -> ForwardingFate? {
        let room: Int
        switch link {
        case .down(let since) where nowMilliseconds - since >= deadlineMilliseconds: return .aggregatorAway
        case .down: room = inFlightMax
        case .ready(let theirs): room = min(inFlightMax, theirs)
        }
        return entries.count < (isYielding ? max(1, room / 2) : room) ? nil : .tooManyInFlight
    }

    /// The next frame of records to send; nil when there is none, or nobody to send it to.
    ///
    /// - Parameter sentMilliseconds: the time of day, by which records are dated.
    mutating func takeFrame(sentMilliseconds: Int64) -> [UInt8]? {
        guard case .ready(let inFlightMax) = link else { return nil }
        // What came in while the link was down may be more than this aggregator wants at once.
        let sendable = min(entries.count, inFlightMax)
        guard sentCount < sendable else { return nil }
        var end = sentCount
        var byteCount = 0
        while end < sendable {
            byteCount += entries[end].encoded.count
            if byteCount > ForwardProtocol.recordBytesPerFrameMax { break }
            end += 1
        }
        defer { sentCount = end }
        return ResponderFrame.encodeRecords(
            entries[sentCount..<end].lazy.map(\.encoded), count: end - sentCount, byteCount: byteCount,
            sentMilliseconds: sentMilliseconds)
    }

    /// The aggregator has said welcome.
    mutating func becomeReady(inFlightMax: UInt32) {
        link = .ready(inFlightMax: Int(inFlightMax))
    }

    /// The connection is gone. What is still waited for will be sent again.
    mutating func becomeDown(nowMilliseconds: Int64) {
        if case .ready = link { link = .down(sinceMilliseconds: nowMilliseconds) }
        entries.removeFirst(abandonedCount)
        abandonedCount = 0
        sentCount = 0
    }

    /// The aggregator has answered for the next `count` records. nil when so many were never sent.
    mutating func resolve(_ count: UInt32, as fate: ForwardingFate) -> [Resolution]? {
        let count = Int(count)
        guard count <= sentCount else { return nil }
        let resolutions = entries.prefix(count).compactMap { entry in
            entry.waiter.map { Resolution(waiter: $0, fate: fate) }
        }
        entries.removeFirst(count)
        sentCount -= count
        abandonedCount = max(0, abandonedCount - count)
        return resolutions
    }

    /// Gives up waiting for records whose deadline has passed; those not yet sent are not sent any more.
    mutating func expire(nowMilliseconds: Int64) -> [Resolution] {
        var expired: [Resolution] = []
        var index = abandonedCount
        while index < entries.count, entries[index].deadlineMilliseconds <= nowMilliseconds {
            if let waiter = entries[index].waiter.take() {
                expired.append(Resolution(waiter: waiter, fate: .deadlinePassed))
            }
            index += 1
        }
        let unsentStart = min(index, max(sentCount, abandonedCount))
        entries.removeSubrange(unsentStart..<index)
        abandonedCount = unsentStart
        return expired
    }
}
