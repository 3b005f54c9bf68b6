import Records

@testable import Responder

/// A responder without its sockets: the real state of forwarding, and around it what the forwarder does.
struct SimulatedResponder {
    static let deadlineMilliseconds = 50
    private static let epoch = SubjectEpoch(1)

    private var state: ForwardingState<Int>
    private var arrived = FrameBuffer()
    private var isReady = false
    /// What the socket has not taken yet.
    private var output: [UInt8] = []
    /// The attempts that were handed to it.
    private(set) var attempts: [Int] = []

    init(inFlightMax: Int, nowMilliseconds: Int64) {
        state = ForwardingState(
            inFlightMax: inFlightMax, deadlineMilliseconds: Self.deadlineMilliseconds,
            nowMilliseconds: nowMilliseconds)
    }

    /// Takes a request's record in, or says at once why not.
    mutating func submit(_ record: Record, attempt: Int, nowMilliseconds: Int64) -> ForwardingFate? {
        attempts.append(attempt)
        return state.submit(waiter: attempt, nowMilliseconds: nowMilliseconds) { record.encode(into: &$0) }
    }

    mutating func expire(nowMilliseconds: Int64) -> [ForwardingState<Int>.Resolution] {
        state.expire(nowMilliseconds: nowMilliseconds)
    }

    // MARK: The connection

    mutating func connect() {
        output = ResponderFrame.encodeHello(epoch: Self.epoch)
    }

    mutating func disconnect(nowMilliseconds: Int64) {
        isReady = false
        state.becomeDown(nowMilliseconds: nowMilliseconds)
        arrived = FrameBuffer()
        output = []
    }

    /// Writes what there is, of which the socket takes up to `room` bytes.
    mutating func flush(room: Int, sentMilliseconds: Int64) -> [UInt8] {
        if isReady, output.isEmpty, let frame = state.takeFrame(sentMilliseconds: sentMilliseconds) { output = frame }
        let taken = Array(output.prefix(room))
        output.removeFirst(taken.count)
        return taken
    }

    mutating func receive(_ bytes: [UInt8]) throws -> [ForwardingState<Int>.Resolution] {
        bytes.withUnsafeBytes { arrived.append($0) }
        var resolutions: [ForwardingState<Int>.Resolution] = []
        while let frame = try arrived.next(AggregatorFrame.init(decoding:)) { resolutions += try take(frame) }
        return resolutions
    }

    private mutating func take(_ frame: AggregatorFrame) throws(Violation) -> [ForwardingState<Int>.Resolution] {
        switch frame {
        case .welcome(_, let inFlightMax):
            isReady = true
            state.becomeReady(inFlightMax: inFlightMax)
            return []
        case .committed(let count): return try resolve(count, as: .durable)
        case .refused(let count, .journalFull): return try resolve(count, as: .journalFull)
        case .forgotten, .tidied, .declined, .erasing, .closing: throw Violation("the aggregator says \(frame)")
        }
    }

    private mutating func resolve(
        _ count: UInt32, as fate: ForwardingFate
    ) throws(Violation) -> [ForwardingState<Int>.Resolution] {
        guard let resolutions = state.resolve(count, as: fate) else {
            throw Violation("the aggregator answers for \(count) records, more than it was sent")
        }
        return resolutions
    }
}

/// The bytes between a responder and an aggregator.
struct SimulatedLink {
    /// As much as a socket takes before it is read.
    static let bytesMax = 1000

    /// Told from the links before it.
    let serial: Int
    var toAggregator: [UInt8] = []
    var toResponder: [UInt8] = []

    var room: Int { max(0, Self.bytesMax - toAggregator.count) }
}

extension [UInt8] {
    /// Takes so many bytes off its front.
    mutating func takeFirst(_ count: Int) -> [UInt8] {
        defer { removeFirst(count) }
        return Array(prefix(count))
    }
}
