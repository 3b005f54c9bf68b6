import ConfigurationFile
import Daemon
import EventLoop
import Glibc
import Logging
import Records

/// Reads what nginx logs for the responder from a Unix socket, a datagram a line: which pages showed or recorded something,
/// which it forwards, and what nginx answered to requests by itself, which it counts.
///
/// Nobody waits for an answer; what becomes of each exposure and conversion is counted all the same, with status 0.
actor ExposureLog: LoopActor {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    /// How many lines are read in one turn of the loop, so that requests have theirs.
    static let linesPerTurnMax = 64
    /// How many lines that lie in the socket are read before it is closed. nginx may go on writing meanwhile.
    static let linesAtStopMax = 512

    nonisolated let loop: EventLoop
    private var socket: ListeningSocket?
    private let descriptor: CInt
    /// Where it reads, for logs.
    nonisolated let name: String
    private let door: LogDoor
    /// Makes a record durable.
    private let forward: @Sendable (Record, @escaping Forwarder.Completion) -> Void
    /// Counts what became of a line, or of so many exposures or conversions.
    private let count: @Sendable (TallyEntry.Kind, UInt64) -> Void
    private let logger: Logger

    private var buffer = [UInt8](repeating: 0, count: Limits.logLineBytesMax)
    private var isTurnScheduled = false
    /// Whether any line could be read so far.
    private var hasRead = false
    private var hasToldOfFirstHeaders = false
    /// Records that were forwarded and are not answered for yet.
    private var inHandCount = 0
    private var waiter: CheckedContinuation<Void, Never>?
    private var limiter = LogLimiter<String>()

    /// Takes over `socket` and lives on `loop`, which the caller runs.
    init(
        loop: EventLoop, socket: consuming ListeningSocket, door: LogDoor,
        forward: @escaping @Sendable (Record, @escaping Forwarder.Completion) -> Void,
        count: @escaping @Sendable (TallyEntry.Kind, UInt64) -> Void, logger: Logger
    ) {
        self.loop = loop
        descriptor = socket.descriptor
        name = socket.name
        self.socket = consume socket
        self.door = door
        self.forward = forward
        self.count = count
        self.logger = logger
    }

    /// Begins to read.
    func start() throws(SystemError) {
        try loop.watch(descriptor) { _ in self.onLoop { $0.becameReadable() } }
    }

    /// Reads what lies in the socket, and then no more: closes it.
    func stopReading() {
        guard socket != nil else { return }
        for _ in 0..<Self.linesAtStopMax {
            guard receive() else { break }
        }
        loop.unwatch(descriptor)
        socket = nil
    }

    /// Returns once nothing is in hand any more, which the forwarder's deadlines see to.
    func finish() async {
        while inHandCount > 0 {
            await withCheckedContinuation { waiter = $0 }
        }
    }

    // MARK: Reading

    private func becameReadable() {
        if !isTurnScheduled { takeTurn() }
    }

    private func takeTurn() {
        isTurnScheduled = false
        for _ in 0..<Self.linesPerTurnMax {
            guard receive() else { return }
        }
        isTurnScheduled = true
        loop.schedule(afterMilliseconds: 0) { self.onLoop { $0.takeTurn() } }
    }

    /// Takes the next line; false when there is none.
    private func receive() -> Bool {
        guard socket != nil else { return false }
        // An empty datagram is one too. With MSG_TRUNC the count is that of the whole, whatever fits (recv(2)).
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_TRUNC)) }
        if count >= 0 {
            take(bytes: count)
            return true
        }
        if errno == EINTR { return true }
        if errno != EAGAIN { log("recv", "exposure log at \(name): \(SystemError("recv"))") }
        return false
    }

    private func take(bytes count: Int) {
        guard count <= buffer.count else { return lose(.init(fault: .tooLong), site: "-") }
        let judgement = buffer.withUnsafeBytes { bytes in
            door.judge(UnsafeRawBufferPointer(rebasing: bytes[..<count]), nowMilliseconds: WallClock.nowMilliseconds())
        }
        if judgement.isRead { hasRead = true }
        for loss in judgement.losses { lose(loss, site: judgement.site) }
        if let answer = judgement.answer { self.count(answer, 1) }
        if judgement.showsFirstHeadersAlone { tellOfFirstHeaders() }
        for record in judgement.records { hand(record) }
    }

    // MARK: Forwarding

    private func hand(_ record: Record) {
        inHandCount += 1
        forward(record) { fate in self.onLoop { $0.settle(record, fate) } }
    }

    private func settle(_ record: Record, _ fate: ForwardingFate) {
        tally(record.site, Refusal.notForwarded(fate)?.reason ?? "durable", record.event)
        inHandCount -= 1
        if inHandCount == 0 { waiter.take()?.resume() }
    }

    // MARK: Telling

    private func lose(_ loss: LogDoor.Loss, site: String) {
        tally(site, loss.fault.reason, loss.event, times: loss.count)
        guard let explanation = loss.fault.explanation else { return }
        if hasRead {
            log(loss.fault.reason, "exposure log at \(name): a line, or a part of it, is passed over: \(explanation)")
        } else {
            log(
                "none",
                "exposure log at \(name): no line could be read so far, and of the last one \(explanation); does "
                    + "nginx write there, as exposures.conf has it?")
        }
    }

    private func tellOfFirstHeaders() {
        if hasToldOfFirstHeaders { return }
        hasToldOfFirstHeaders = true
        logger.notice(
            """
            nginx before 1.23 shows the first of several headers of one name alone: let the origin send one X-Rule-Outcomes, \
            and a cookie blaize_tracking_id in its first Set-Cookie
            """)
    }

    private func tally(_ site: String, _ reason: String, _ event: Event?, times: Int = 1) {
        let outcome = event.map { TallyEntry.Outcome(ruleID: $0.ruleID, outcomeID: $0.outcomeID) }
        count(TallyEntry.Kind(site: site, door: .log, status: 0, reason: reason, outcome: outcome), UInt64(times))
    }

    private func log(_ kind: String, _ message: String) {
        limiter.log(kind, message, to: logger, nowMilliseconds: MonotonicClock.nowMilliseconds())
    }
}

extension ListeningSocket {
    /// How many lines there should be room for: nginx writes those of one turn of its own at once.
    private static let linesQueuedMin = 512

    /// The socket that nginx logs to, as it is configured, or as systemd has passed it, whatever requests come by; nil when
    /// there is none.
    static func exposureLog(
        _ responder: ResponderConfiguration, _ logger: Logger
    ) throws(SocketFailure) -> ListeningSocket? {
        guard let path = responder.exposureSocket else { return try inheritedDatagrams() }
        if let passed = try inheritedDatagrams() {
            throw SocketFailure(
                "\(passed.name): a socket for datagrams was passed, and responder.exposureSocket names another; pass none, "
                    + "or take that key out")
        }
        if let queued = datagramsQueuedMax, queued < linesQueuedMin {
            logger.warning(
                """
                net.unix.max_dgram_qlen is \(queued), so nginx loses exposures that come at once: set it to \
                \(linesQueuedMin) or more (sysctl.d) and start the responder again
                """)
        }
        let access = responder.exposureAccess
        return try .datagrams(
            path: path, access: UnixSocketAccess(mode: access.mode, owner: access.owner, group: access.group))
    }
}
