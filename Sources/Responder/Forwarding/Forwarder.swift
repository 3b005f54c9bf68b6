import Daemon
import EventLoop
import Glibc
import Logging
import Records

/// The connection to the aggregator: sends records, a tick's in one write, and tells who waits what became of them.
actor Forwarder: LoopActor {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    typealias Figures = @Sendable () -> [ResponderStatus.Figure: UInt64]
    /// Hears what became of a record, on the loop's thread.
    typealias Completion = @Sendable (ForwardingFate) -> Void

    /// How long after a connection that failed the next is tried: at first, and after many. A try costs a system call or two,
    /// and an aggregator that starts is not kept waiting.
    static let backoffMilliseconds = 10...200
    static let tallyIntervalMilliseconds = 1000
    /// A hundred answers, and the most that Swift puts on the stack: a larger buffer would be allocated each time.
    static let readBytes = 1024
    /// With the longest of ids these fit a frame.
    static let entriesPerFrameMax = 500

    nonisolated let loop: EventLoop
    let path: String
    private let epoch: SubjectEpoch
    let logger: Logger
    var state: ForwardingState<Completion>
    var tally = Tally()

    var descriptor: CInt?
    var isReady = false
    var arrived = FrameBuffer()
    /// What the socket did not take, and how much of it it has taken since.
    var output: [UInt8] = []
    var outputStart = 0
    var isWatchedForWriting = false
    var backoff = Forwarder.backoffMilliseconds.lowerBound
    var hasDeadlineTimer = false
    var isStopped = false
    /// Nobody is to wait any more.
    private var hasGivenUp = false
    var logLimiter = LogLimiter<String>()
    private(set) var figures: Figures?
    /// Whether the aggregator has said why it closes the connection.
    private var isClosingExplained = false

    /// Forwards to the Unix socket at `path`. A record that is not durable after `deadlineMilliseconds` is given up.
    ///
    /// `epoch` is told to the aggregator: the subjects of all records are of it.
    init(
        loop: EventLoop, path: String, epoch: SubjectEpoch, inFlightMax: Int, deadlineMilliseconds: Int, logger: Logger
    ) {
        self.loop = loop
        self.path = path
        self.epoch = epoch
        self.logger = logger
        state = ForwardingState(
            inFlightMax: inFlightMax, deadlineMilliseconds: deadlineMilliseconds,
            nowMilliseconds: MonotonicClock.nowMilliseconds())
    }

    /// Begins to connect, and goes on doing so whenever the connection breaks.
    ///
    /// `figures` says how the responder is doing besides; it is called on the loop's thread. Without it the aggregator is
    /// told nothing of that.
    func start(figures: Figures? = nil) {
        self.figures = figures
        loop.atEndOfTick { self.onLoop { $0.flush() } }
        connect()
        scheduleTally()
    }

    /// After a while, nobody waits any more: whoever still does hears that the deadline has passed.
    func giveUp(afterMilliseconds milliseconds: Int) {
        loop.schedule(afterMilliseconds: milliseconds) {
            self.onLoop { forwarder in
                forwarder.hasGivenUp = true
                forwarder.expire(nowMilliseconds: .max)
            }
        }
    }

    /// Sends a last tally and closes the connection. Nobody may be waiting any more.
    func stop() {
        sendTally()
        isStopped = true
        disconnect()
    }

    /// Calls `completion` once the aggregator has made `record` durable, or it is clear that it has not in time; at once where
    /// the record is not taken. Called on the loop's thread.
    ///
    /// One that is yielding is not taken while half of what may be in flight is.
    nonisolated func forward(_ record: Record, isYielding: Bool = false, _ completion: @escaping Completion) {
        onLoop((record, isYielding, completion)) { $0.take($1.0, isYielding: $1.1, $1.2) }
    }

    private func take(_ record: Record, isYielding: Bool, _ completion: @escaping Completion) {
        guard !hasGivenUp else { return completion(.deadlinePassed) }
        let now = MonotonicClock.nowMilliseconds()
        let fate = state.submit(waiter: completion, nowMilliseconds: now, isYielding: isYielding) {
            record.encode(into: &$0)
        }
        if let fate { completion(fate) } else { scheduleDeadline(nowMilliseconds: now) }
    }

    /// What a record would hear at once; nil where it would be forwarded. Called on the loop's thread.
    nonisolated func refusal() -> ForwardingFate? {
        onLoop { $0.state.refusal(nowMilliseconds: MonotonicClock.nowMilliseconds()) }
    }

    /// Counts an answer, to be told to the aggregator. Called on the loop's thread.
    nonisolated func count(_ kind: TallyEntry.Kind, times: UInt64 = 1) {
        onLoop((kind, times)) { $0.tally.count($1.0, times: $1.1) }
    }

    /// The same of an answer that comes often.
    nonisolated func count(_ counter: TallyCounter) {
        onLoop(counter) { $0.tally.count($1) }
    }

    // MARK: Connecting

    func connect() {
        guard !isStopped else { return }
        do {
            let descriptor = try UnixSocketPath(path).connect()
            self.descriptor = descriptor
            try watch(descriptor, for: .reading)
        } catch {
            log("away", "aggregator away at \(path): \(error); is rule-outcomes-aggregator running?")
            return reconnectLater()
        }
        send(ResponderFrame.encodeHello(epoch: epoch))
    }

    func reconnectLater() {
        if let descriptor {
            loop.unwatch(descriptor)
            close(descriptor)
        }
        descriptor = nil
        isWatchedForWriting = false
        loop.schedule(afterMilliseconds: backoff) { self.onLoop { $0.connect() } }
        backoff = min(backoff * 2, Self.backoffMilliseconds.upperBound)
    }

    func disconnect() {
        if isStopped || isClosingExplained {
            // Nobody asked for this connection any more, or why it ends is told.
        } else if isReady {
            logger.notice("disconnected from the aggregator at \(path)")
        } else {
            log("refused", "aggregator at \(path) ends each connection; does its allowedPeers name this user?")
        }
        isClosingExplained = false
        isReady = false
        state.becomeDown(nowMilliseconds: MonotonicClock.nowMilliseconds())
        arrived = FrameBuffer()
        output = []
        outputStart = 0
        reconnectLater()
    }

    func watch(_ descriptor: CInt, for interest: Interest) throws(SystemError) {
        try loop.watch(descriptor, for: interest) { readiness in
            self.onLoop(readiness) { $0.becameReady($1) }
        }
    }

    // MARK: Receiving

    func becameReady(_ readiness: Readiness) {
        if readiness.isWritable { resumeSending() }
        if readiness.isReadable { receive(isPeerClosed: readiness.isPeerClosed) }
    }

    private func receive(isPeerClosed: Bool) {
        while let descriptor {
            var count = 0
            withUnsafeTemporaryAllocation(byteCount: Self.readBytes, alignment: 16) { buffer in
                count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                if count > 0 { arrived.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            }
            if count > 0 {
                takeFrames()
                // That was all. What comes next is told anew, but for an end that was told with it.
                if count < Self.readBytes, !isPeerClosed { return }
            } else if count < 0 && errno == EINTR {
                continue
            } else if count < 0 && errno == EAGAIN {
                return
            } else {
                return disconnect()
            }
        }
    }

    func takeFrames() {
        do {
            while descriptor != nil, let frame = try arrived.next(AggregatorFrame.init(decoding:)) {
                take(frame)
            }
        } catch {
            log("frame", "aggregator at \(path): \(error); reconnecting")
            disconnect()
        }
    }

    func take(_ frame: AggregatorFrame) {
        switch frame {
        case .welcome(let version, _) where version != ForwardProtocol.version:
            log(
                "version",
                "aggregator at \(path) speaks version \(version) of the forward protocol, not "
                    + "\(ForwardProtocol.version): run responder and aggregator of one release")
            disconnect()
        case .welcome(_, let inFlightMax):
            isReady = true
            state.becomeReady(inFlightMax: inFlightMax)
            logger.notice("connected to the aggregator at \(path)")
        case .committed(let count): resolve(count, as: .durable)
        case .refused(let count, .journalFull): resolve(count, as: .journalFull)
        case .forgotten, .tidied, .declined, .erasing:
            log("forgotten", "aggregator at \(path) tells of what it was not asked; passed over")
        case .closing(let reason):
            isClosingExplained = true
            log("closing", "aggregator at \(path) closes the connection: \(reason)")
        }
    }

    func resolve(_ count: UInt32, as fate: ForwardingFate) {
        // Not at the welcome already: an aggregator that greets and then drops is tried at a slower pace each time.
        backoff = Self.backoffMilliseconds.lowerBound
        guard let resolutions = state.resolve(count, as: fate) else {
            log("count", "aggregator at \(path) answered for more records than it was sent; reconnecting")
            return disconnect()
        }
        for resolution in resolutions { resolution.waiter(resolution.fate) }
    }
}

extension Forwarder {
    /// At the end of each tick: all records of the tick in one frame and one write.
    func flush() {
        while isReady, output.isEmpty, let frame = state.takeFrame(sentMilliseconds: WallClock.nowMilliseconds()) {
            send(frame)
        }
    }

    func send(_ bytes: [UInt8]) {
        if output.isEmpty { output = bytes } else { output += bytes }
        resumeSending()
    }

    func resumeSending() {
        while let descriptor, outputStart < output.count {
            let count = output.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[outputStart...])
                return Glibc.send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 {
                outputStart += count
            } else if errno == EAGAIN {
                return watchForWriting(true)
            } else if errno != EINTR {
                return disconnect()
            }
        }
        output.removeAll(keepingCapacity: true)
        outputStart = 0
        watchForWriting(false)
    }

    /// Being told that a socket is writable costs a wake-up for everything the aggregator reads, so it is asked for only
    /// while something waits to be written.
    func watchForWriting(_ isWanted: Bool) {
        guard let descriptor, isWanted != isWatchedForWriting else { return }
        isWatchedForWriting = isWanted
        loop.unwatch(descriptor)
        do {
            try watch(descriptor, for: isWanted ? .readingAndWriting : .reading)
        } catch {
            log("watch", "aggregator at \(path): \(error); reconnecting")
            disconnect()
        }
    }

    // MARK: Timers

    func scheduleDeadline(nowMilliseconds now: Int64) {
        guard !hasDeadlineTimer, let next = state.nextDeadlineMilliseconds else { return }
        hasDeadlineTimer = true
        loop.schedule(afterMilliseconds: Int(max(0, next - now))) {
            self.onLoop { $0.deadlineTimerFired() }
        }
    }

    private func deadlineTimerFired() {
        hasDeadlineTimer = false
        let now = MonotonicClock.nowMilliseconds()
        expire(nowMilliseconds: now)
        scheduleDeadline(nowMilliseconds: now)
    }

    func expire(nowMilliseconds now: Int64) {
        let expired = state.expire(nowMilliseconds: now)
        for resolution in expired { resolution.waiter(resolution.fate) }
        // With the aggregator away that has been told already.
        if !expired.isEmpty, isReady {
            let records = expired.count == 1 ? "a record" : "\(expired.count) records"
            log("deadline", "aggregator at \(path) did not answer in time for \(records); is it stuck?")
        }
    }

    func scheduleTally() {
        loop.schedule(afterMilliseconds: Self.tallyIntervalMilliseconds) {
            self.onLoop { forwarder in
                forwarder.sendTally()
                forwarder.sendStatus()
                if !forwarder.isStopped { forwarder.scheduleTally() }
            }
        }
    }

    func sendTally() {
        guard isReady, output.isEmpty, let entries = tally.take() else { return }
        for start in stride(from: 0, to: entries.count, by: Self.entriesPerFrameMax) {
            send(ResponderFrame.encodeAnswers(Array(entries[start...].prefix(Self.entriesPerFrameMax))))
        }
    }

    private func sendStatus() {
        guard isReady, output.isEmpty, var figures = figures?() else { return }
        figures[.recordsInFlight] = UInt64(state.inFlightCount)
        let now = WallClock.nowMilliseconds()
        send(ResponderFrame.encodeStatus(ResponderStatus(timeMilliseconds: now, figures: figures)))
    }

    func log(_ kind: String, _ message: String) {
        logLimiter.log(kind, message, to: logger, nowMilliseconds: MonotonicClock.nowMilliseconds())
    }
}
