import DequeModule
import Records
import Synchronization

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
        let byteCount: Int
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
    /// Their records, encoded, one after the other from `bytesStart` on.
    private var bytes: [UInt8] = []
    private var bytesStart = 0
    /// Where the first record that is not sent begins.
    private var unsentStart = 0
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
    /// - Parameters:
    ///   - isYielding: whether it leaves half of the room to others.
    ///   - encode: appends the record.
    mutating func submit(
        waiter: Waiter, nowMilliseconds: Int64, isYielding: Bool = false, encode: (inout [UInt8]) -> Void
    ) -> ForwardingFate? {
        if let fate = refusal(nowMilliseconds: nowMilliseconds, isYielding: isYielding) { return fate }
        let start = bytes.count
        encode(&bytes)
        entries.append(
            Entry(
                byteCount: bytes.count - start, deadlineMilliseconds: nowMilliseconds + deadlineMilliseconds,
                waiter: waiter))
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
            guard byteCount + entries[end].byteCount <= ForwardProtocol.recordBytesPerFrameMax else { break }
            byteCount += entries[end].byteCount
            end += 1
        }
        defer {
            sentCount = end
            unsentStart += byteCount
        }
        return ResponderFrame.encodeRecords(
            bytes[unsentStart..<unsentStart + byteCount], count: end - sentCount, sentMilliseconds: sentMilliseconds)
    }

    /// The aggregator has said welcome.
    mutating func becomeReady(inFlightMax: UInt32) {
        link = .ready(inFlightMax: Int(inFlightMax))
    }

    /// The connection is gone. What is still waited for will be sent again.
    mutating func becomeDown(nowMilliseconds: Int64) {
        if case .ready = link { link = .down(sinceMilliseconds: nowMilliseconds) }
        removeFirst(abandonedCount)
        abandonedCount = 0
        sentCount = 0
        unsentStart = bytesStart
    }

    /// The aggregator has answered for the next `count` records. nil when so many were never sent.
    mutating func resolve(_ count: UInt32, as fate: ForwardingFate) -> [Resolution]? {
        let count = Int(count)
        guard count <= sentCount else { return nil }
        let resolutions = entries.prefix(count).compactMap { entry in
            entry.waiter.map { Resolution(waiter: $0, fate: fate) }
        }
        removeFirst(count)
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
        // Those that were not sent are the first of all that were not.
        let firstUnsent = min(index, max(sentCount, abandonedCount))
        let byteCount = entries[firstUnsent..<index].reduce(0) { $0 + $1.byteCount }
        bytes.removeSubrange(unsentStart..<unsentStart + byteCount)
        entries.removeSubrange(firstUnsent..<index)
        abandonedCount = firstUnsent
        return expired
    }

    /// Lets go of the first entries, which were sent or are abandoned.
    private mutating func removeFirst(_ count: Int) {
        bytesStart += entries.prefix(count).reduce(0) { $0 + $1.byteCount }
        entries.removeFirst(count)
        // Moved to the front now and then, and not each time.
        guard entries.isEmpty || bytesStart > max(Self.movedBytesMin, bytes.count / 2) else { return }
        bytes.removeFirst(bytesStart)
        unsentStart -= bytesStart
        bytesStart = 0
    }

    private static var movedBytesMin: Int { 64 * 1024 }
}

/// What became of a record that was to be forwarded.
enum ForwardingFate: Sendable, Equatable {
    /// It is durable on the aggregator's disk.
    case durable
    case tooManyInFlight
    case aggregatorAway
    case deadlinePassed
    case journalFull
}

/// Answers given since the last tally was sent.
struct Tally {
    /// Outcomes come from requests. Reasons of exclusion come from nginx's configuration, and may do so by its mistake.
    private static let kindsMax = 1024
    /// How many kinds there may be before no further outcome is told apart.
    private static let outcomesMax = 512
    /// The same for answers that anybody can have, under any outcome that he makes up. They leave room for the others.
    private static let strangersOutcomesMax = 128

    private var counts: [TallyEntry.Kind: UInt64] = [:]
    /// Those that count for themselves, and have counted something.
    private var counters: [TallyCounter] = []

    mutating func count(_ counter: TallyCounter) {
        guard counter.hasCounted || counters.count < Self.kindsMax else { return count(counter.kind) }
        if !counter.hasCounted { counters.append(counter) }
        counter.count()
    }

    mutating func count(_ kind: TallyEntry.Kind, times: UInt64 = 1) {
        if let place = counts.index(forKey: kind) {
            counts.values[place] += times
        } else {
            counts[nearest(to: kind), default: 0] += times
        }
    }

    /// The kind itself where there is room; otherwise that of any outcome, and otherwise one for all.
    private func nearest(to kind: TallyEntry.Kind) -> TallyEntry.Kind {
        let outcomesMax = kind.isVisitors ? Self.outcomesMax : Self.strangersOutcomesMax
        for (kind, max) in [
            (kind, kind.outcome == nil ? Self.kindsMax : outcomesMax), (kind.ofAnyOutcome, Self.kindsMax),
        ]
        where counts[kind] != nil || counts.count < max {
            return kind
        }
        return TallyEntry.Kind(site: "-", status: 0, reason: "other")
    }

    /// What was counted since the last call; nil when that is nothing.
    mutating func take() -> [TallyEntry]? {
        for counter in counters { count(counter.kind, times: counter.take()) }
        counters.removeAll(keepingCapacity: true)
        guard !counts.isEmpty else { return nil }
        defer { counts.removeAll(keepingCapacity: true) }
        return counts.map { TallyEntry(kind: $0.key, count: $0.value) }
    }
}

/// Counts answers of one kind that come often, so that they need not be told apart from others each time. One ``Tally`` asks it
/// for what it has counted.
final class TallyCounter: Sendable {
    let kind: TallyEntry.Kind
    private let answers = Atomic<UInt64>(0)

    init(_ kind: TallyEntry.Kind) {
        self.kind = kind
    }

    var hasCounted: Bool { answers.load(ordering: .relaxed) > 0 }

    func count() {
        answers.add(1, ordering: .relaxed)
    }

    /// What it has counted since the last time.
    func take() -> UInt64 {
        answers.exchange(0, ordering: .relaxed)
    }
}
