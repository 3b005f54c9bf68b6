import EventLoop
import ForwardProtocol
import Glibc
import Logging
import Logs
import Records
import Sockets

/// The connection to the aggregator: sends records, a tick's in one write, and resumes who waits for them.
actor Forwarder {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    private typealias Waiter = CheckedContinuation<ForwardingFate, Never>

    private static let backoffMilliseconds = 10...1000
    private static let tallyIntervalMilliseconds = 1000
    private static let readBytes = 16 * 1024

    private nonisolated let loop: EventLoop
    private let path: String
    private let logger: Logger
    private var state: ForwardingState<Waiter>
    private var tally = Tally()

    private var descriptor: CInt?
    private var isReady = false
    private var arrived = FrameBuffer()
    /// What the socket did not take, and how much of it it has taken since.
    private var output: [UInt8] = []
    private var outputStart = 0
    private var isWatchedForWriting = false
    private var backoff = Forwarder.backoffMilliseconds.lowerBound
    private var hasDeadlineTimer = false
    private var isStopped = false
    private var logLimiter = LogLimiter<String>()

    /// Forwards to the Unix socket at `path`. A record that is not durable after `deadlineMilliseconds` is given up.
    init(loop: EventLoop, path: String, inFlightMax: Int, deadlineMilliseconds: Int, logger: Logger) {
        self.loop = loop
        self.path = path
        self.logger = logger
        state = ForwardingState(
            inFlightMax: inFlightMax, deadlineMilliseconds: deadlineMilliseconds,
            nowMilliseconds: MonotonicClock.nowMilliseconds())
    }

    /// Begins to connect, and goes on doing so whenever the connection breaks.
    func start() {
        loop.atEndOfTick { self.assumeIsolated { $0.flush() } }
        connect()
        scheduleTally()
    }

    /// Sends a last tally and closes the connection. Nobody may be waiting any more.
    func stop() {
        sendTally()
        isStopped = true
        disconnect()
    }

    /// Returns once the aggregator has made `record` durable, or it is clear that it has not in time.
    func forward(_ record: Record) async -> ForwardingFate {
        var encoded: [UInt8] = []
        record.encode(into: &encoded)
        return await withCheckedContinuation { waiter in
            let now = MonotonicClock.nowMilliseconds()
            if let fate = state.submit(encoded, waiter: waiter, nowMilliseconds: now) {
                waiter.resume(returning: fate)
            } else {
                scheduleDeadline(nowMilliseconds: now)
            }
        }
    }

    /// Counts an answer, to be told to the aggregator. Called on the loop's thread.
    nonisolated func count(_ kind: TallyEntry.Kind) {
        assumeIsolated { $0.tally.count(kind) }
    }

    // MARK: Connecting

    private func connect() {
        guard !isStopped else { return }
        do {
            let descriptor = try UnixSocketPath(path).connect()
            self.descriptor = descriptor
            try watch(descriptor, for: .reading)
        } catch {
            log("away", "aggregator away at \(path): \(error); is rule-outcomes-aggregator running?")
            return reconnectLater()
        }
        send(ResponderFrame.encodeHello())
    }

    private func reconnectLater() {
        if let descriptor {
            loop.unwatch(descriptor)
            close(descriptor)
        }
        descriptor = nil
        isWatchedForWriting = false
        loop.schedule(afterMilliseconds: backoff) { self.assumeIsolated { $0.connect() } }
        backoff = min(backoff * 2, Self.backoffMilliseconds.upperBound)
    }

    private func disconnect() {
        if isReady { logger.notice("disconnected from the aggregator at \(path)") }
        isReady = false
        state.becomeDown(nowMilliseconds: MonotonicClock.nowMilliseconds())
        arrived = FrameBuffer()
        output = []
        outputStart = 0
        reconnectLater()
    }

    private func watch(_ descriptor: CInt, for interest: Interest) throws(SystemError) {
        try loop.watch(descriptor, for: interest) { readiness in
            self.assumeIsolated { $0.becameReady(readiness) }
        }
    }

    // MARK: Receiving

    private func becameReady(_ readiness: Readiness) {
        if readiness.isWritable { resumeSending() }
        if readiness.isReadable { receive() }
    }

    private func receive() {
        while let descriptor {
            var count = 0
            withUnsafeTemporaryAllocation(byteCount: Self.readBytes, alignment: 16) { buffer in
                count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                if count > 0 { arrived.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            }
            if count > 0 {
                takeFrames()
            } else if count < 0 && errno == EINTR {
                continue
            } else if count < 0 && errno == EAGAIN {
                return
            } else {
                return disconnect()
            }
        }
    }

    private func takeFrames() {
        do {
            while descriptor != nil, let frame = try arrived.next(AggregatorFrame.init(decoding:)) {
                take(frame)
            }
        } catch {
            log("frame", "aggregator at \(path): \(error); reconnecting")
            disconnect()
        }
    }

    private func take(_ frame: AggregatorFrame) {
        switch frame {
        case .welcome(let version, _) where version != ForwardProtocol.version:
            log(
                "version",
                "aggregator at \(path) speaks version \(version) of the forward protocol, not "
                    + "\(ForwardProtocol.version): run responder and aggregator of one release")
            disconnect()
        case .welcome(_, let inFlightMax):
            isReady = true
            backoff = Self.backoffMilliseconds.lowerBound
            state.becomeReady(inFlightMax: inFlightMax)
            logger.notice("connected to the aggregator at \(path)")
        case .committed(let count): resolve(count, as: .durable)
        case .refused(let count, .journalFull): resolve(count, as: .journalFull)
        case .refused(let count, .stopping): resolve(count, as: .aggregatorStopping)
        case .closing(let reason): log("closing", "aggregator at \(path) closes the connection: \(reason)")
        }
    }

    private func resolve(_ count: UInt32, as fate: ForwardingFate) {
        guard let resolutions = state.resolve(count, as: fate) else {
            log("count", "aggregator at \(path) answered for more records than it was sent; reconnecting")
            return disconnect()
        }
        for resolution in resolutions { resolution.waiter.resume(returning: resolution.fate) }
    }

    // MARK: Sending

    /// At the end of each tick: all records of the tick in one frame and one write.
    private func flush() {
        while isReady, output.isEmpty, let frame = state.takeFrame() {
            send(frame)
        }
    }

    private func send(_ bytes: [UInt8]) {
        output.append(contentsOf: bytes)
        resumeSending()
    }

    private func resumeSending() {
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
    private func watchForWriting(_ isWanted: Bool) {
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

    private func scheduleDeadline(nowMilliseconds now: Int64) {
        guard !hasDeadlineTimer, let next = state.nextDeadlineMilliseconds else { return }
        hasDeadlineTimer = true
        loop.schedule(afterMilliseconds: Int(max(0, next - now))) { self.assumeIsolated { $0.expire() } }
    }

    private func expire() {
        hasDeadlineTimer = false
        let now = MonotonicClock.nowMilliseconds()
        for resolution in state.expire(nowMilliseconds: now) {
            resolution.waiter.resume(returning: resolution.fate)
        }
        scheduleDeadline(nowMilliseconds: now)
    }

    private func scheduleTally() {
        loop.schedule(afterMilliseconds: Self.tallyIntervalMilliseconds) {
            self.assumeIsolated { forwarder in
                forwarder.sendTally()
                if !forwarder.isStopped { forwarder.scheduleTally() }
            }
        }
    }

    private func sendTally() {
        guard isReady, output.isEmpty, let entries = tally.take() else { return }
        send(ResponderFrame.encodeTally(entries))
    }

    private func log(_ kind: String, _ message: String) {
        logLimiter.log(kind, message, to: logger, nowMilliseconds: MonotonicClock.nowMilliseconds())
    }
}
