import ForwardProtocol
import Logging
import NIOCore
import Records
import Synchronization

/// One responder's connection: reads its frames, hands records to the group commit, writes the answers.
final class IngestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How many records may await their answer on one connection.
    static let inFlightMax: UInt32 = 8_192

    private let commit: GroupCommit
    private let clock: SoundClock
    private let currentEpoch: CurrentEpoch
    private let inbox: FoldInbox
    private let statistics: AggregatorStatistics
    private let logger: Logger
    private let peerProcessID: Int32
    private let unanswered = Unanswered()
    private var arrived = FrameBuffer()
    /// nil before the hello.
    private var responder: ConnectedResponder.ID?
    private var epoch: SubjectEpoch?
    private var isClosing = false

    /// Shared with the answers, which come from the journal's queue.
    private final class Unanswered: Sendable {
        let count = Atomic<Int>(0)
        let isErasing = Atomic<Bool>(false)
    }

    init(
        commit: GroupCommit, clock: SoundClock, currentEpoch: CurrentEpoch, inbox: FoldInbox,
        statistics: AggregatorStatistics, logger: Logger, peerProcessID: Int32
    ) {
        self.peerProcessID = peerProcessID
        self.commit = commit
        self.clock = clock
        self.currentEpoch = currentEpoch
        self.inbox = inbox
        self.statistics = statistics
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        unwrapInboundIn(data).withUnsafeReadableBytes { arrived.append($0) }
        do {
            while !isClosing, let frame = try arrived.next(ResponderFrame.init(decoding:)) {
                take(frame, context: context)
            }
        } catch {
            close(context: context, because: "\(error)")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let responder { statistics.responderDisconnected(responder) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A peer that has gone away; what it left unanswered it will send again.
        context.close(promise: nil)
    }

    private func take(_ frame: ResponderFrame, context: ChannelHandlerContext) {
        switch frame {
        case .hello(let version, let epoch): greet(version: version, epoch, context: context)
        case .records(let records) where responder != nil: take(records, context: context)
        case .forget(let subjects) where responder != nil: forget(subjects, context: context)
        case .answers(let entries) where responder != nil: take(entries)
        case .status(let status) where responder != nil: take(status)
        default: close(context: context, because: "the first frame has to be a hello")
        }
    }

    private func greet(version: UInt16, _ epoch: SubjectEpoch?, context: ChannelHandlerContext) {
        let spoken = ForwardProtocol.versionsSpoken
        guard spoken.contains(version) else {
            return close(
                context: context,
                because: "version \(version) of the forward protocol is not spoken here, only \(spoken.lowerBound) to "
                    + "\(spoken.upperBound); upgrade the aggregator first, then its responders")
        }
        guard responder == nil else { return close(context: context, because: "a second hello") }
        if let refusal = epoch.flatMap(currentEpoch.refusal(ofPeer:)) {
            return close(context: context, because: refusal)
        }
        responder = statistics.responderConnected(processID: peerProcessID)
        self.epoch = epoch
        Self.write(.welcome(version: version, inFlightMax: Self.inFlightMax), to: context.channel)
    }

    /// One at a time, so that nobody piles them up here.
    private func forget(_ subjects: [Subject], context: ChannelHandlerContext) {
        guard !unanswered.isErasing.exchange(true, ordering: .relaxed) else {
            return close(context: context, because: "a second forget before the first was answered")
        }
        let (channel, unanswered) = (context.channel, unanswered)
        let told = Mutex<String?>(nil)
        let isTaken = inbox.erasures.submit(
            Erasures.Request(
                subjects: Set(subjects),
                progress: { text in
                    let isNew = told.withLock { told in
                        defer { told = text }
                        return told != text
                    }
                    guard isNew else { return }
                    channel.eventLoop.execute {
                        // Who does not read is told nothing more.
                        if channel.isWritable { Self.write(.erasing(progress: text), to: channel) }
                    }
                },
                reply: { count in
                    unanswered.isErasing.store(false, ordering: .relaxed)
                    channel.eventLoop.execute { Self.write(.forgotten(UInt32(clamping: count)), to: channel) }
                }))
        if !isTaken { close(context: context, because: "too many erasures wait already; ask again later") }
    }

    private func take(_ answers: [TallyEntry]) {
        statistics.answered(answers)
        inbox.answers.told(answers, nowMilliseconds: clock.nowMilliseconds)
    }

    private func take(_ status: ResponderStatus) {
        guard let responder else { return }
        statistics.responder(responder, told: status, nowMilliseconds: clock.nowMilliseconds)
    }

    private func take(_ arrived: EncodedRecords, context: ChannelHandlerContext) {
        guard arrived.count > 0 else { return }
        if let refusal = epoch.flatMap(currentEpoch.refusal(ofRecords:)) {
            return close(context: context, because: refusal)
        }
        let records = withSoundTimes(arrived)
        // Not at the hello: a tool that only erases brings no subject of its epoch.
        if let epoch { inbox.epochs.told(epoch, nowMilliseconds: clock.nowMilliseconds) }
        let count = unanswered.count.add(records.count, ordering: .relaxed).newValue
        guard count <= Int(Self.inFlightMax) else {
            return close(context: context, because: "more than \(Self.inFlightMax) records are unanswered")
        }
        let channel = context.channel
        let unanswered = unanswered
        let answered = records.count
        let statistics = statistics
        statistics.arrived(records: answered)
        commit.submit(records) { frame in
            statistics.answered(records: answered)
            // Answered is what has left: one who never reads cannot have answers pile up here.
            channel.eventLoop.execute {
                Self.write(frame, to: channel).whenComplete { _ in
                    unanswered.count.subtract(answered, ordering: .relaxed)
                }
            }
        }
    }

    /// A responder's clock may be wrong. A single event of the far future would put off every group and window that is declared
    /// from then on, one of 1970 would begin every series of its rule there, and reports by the day would be endless. So what
    /// cannot be is set right before it is in the journal: a record that is sent again, or folded again, is as it was.
    private func withSoundTimes(_ arrived: EncodedRecords) -> EncodedRecords {
        if let sent = arrived.sentMilliseconds { clock.heard(sent) }
        var records = arrived
        let count = records.setTimesRight(nowMilliseconds: clock.nowMilliseconds)
        if count > 0 { statistics.timesSetRight(records: count, to: logger) }
        return records
    }

    private func close(context: ChannelHandlerContext, because reason: String) {
        isClosing = true
        statistics.log("closing", "a responder's connection is closed: \(reason)", to: logger)
        Self.write(.closing(reason: reason), to: context.channel)
        context.close(promise: nil)
    }

    @discardableResult
    private static func write(_ frame: AggregatorFrame, to channel: any Channel) -> EventLoopFuture<Void> {
        channel.writeAndFlush(ByteBuffer(bytes: frame.encoded()))
    }
}
