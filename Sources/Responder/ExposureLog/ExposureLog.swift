import EventLoop
import ForwardProtocol
import Glibc
import Logging
import Logs
import Records
import Sockets

/// Reads nginx's log of exposures from a Unix socket, a datagram a line, and forwards what it comes to.
///
/// Nobody waits for an answer; each is counted all the same, with status 0.
actor ExposureLog {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    /// How many lines are read in one turn of the loop, so that requests have theirs.
    static let linesPerTurnMax = 64
    /// How many lines that lie in the socket are read before it is closed. nginx may go on writing meanwhile.
    static let linesAtStopMax = 512

    private let loop: EventLoop
    private var socket: ListeningSocket?
    private let descriptor: CInt
    /// Where it reads, for logs.
    nonisolated let name: String
    private let door: LogDoor
    /// Makes a record durable.
    private let forward: @Sendable (Record) async -> ForwardingFate
    /// Counts what became of a line, or of an exposure.
    private let count: @Sendable (TallyEntry.Kind) -> Void
    private let logger: Logger

    private var buffer = [UInt8](repeating: 0, count: Limits.logLineBytesMax)
    private var isTurnScheduled = false
    /// Whether any line could be read so far.
    private var hasRead = false
    /// Records that were forwarded and are not answered for yet.
    private var inHandCount = 0
    private var waiter: CheckedContinuation<Void, Never>?
    private var limiter = LogLimiter<String>()

    /// Takes over `socket` and lives on `loop`, which the caller runs.
    init(
        loop: EventLoop, socket: consuming ListeningSocket, door: LogDoor,
        forward: @escaping @Sendable (Record) async -> ForwardingFate,
        count: @escaping @Sendable (TallyEntry.Kind) -> Void, logger: Logger
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
        try loop.watch(descriptor) { _ in self.assumeIsolated { $0.becameReadable() } }
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
        loop.schedule(afterMilliseconds: 0) { self.assumeIsolated { $0.takeTurn() } }
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
        var entry = LogDoor.Entry()
        do throws(LogFault) {
            guard count <= buffer.count else { throw .tooLong }
            let records = try buffer.withUnsafeBytes { bytes in
                Result { () throws(LogFault) in
                    try door.admit(
                        UnsafeRawBufferPointer(rebasing: bytes[..<count]), nowMilliseconds: WallClock.nowMilliseconds(),
                        &entry)
                }
            }.get()
            hasRead = true
            if records.isEmpty { tally(entry.site, "empty", nil) }
            for record in records { hand(record) }
        } catch {
            refuse(entry, error)
        }
    }

    // MARK: Forwarding

    private func hand(_ record: Record) {
        inHandCount += 1
        Task(executorPreference: loop.executor) { [forward] in
            await self.settle(record, await forward(record))
        }
    }

    private func settle(_ record: Record, _ fate: ForwardingFate) {
        tally(record.site, Refusal.notForwarded(fate)?.reason ?? "durable", record.event)
        inHandCount -= 1
        if inHandCount == 0 { waiter.take()?.resume() }
    }

    // MARK: Telling

    private func refuse(_ entry: LogDoor.Entry, _ fault: LogFault) {
        if entry.exposures.isEmpty { tally(entry.site, fault.reason, nil) }
        for exposure in entry.exposures { tally(entry.site, fault.reason, .exposure(exposure)) }
        guard let explanation = fault.explanation else {
            hasRead = true
            return
        }
        if hasRead {
            log(fault.reason, "exposure log at \(name): a line is passed over: \(explanation)")
        } else {
            log(
                "none",
                "exposure log at \(name): no line could be read so far, and of the last one \(explanation); does "
                    + "nginx write there, as exposures.conf has it?")
        }
    }

    private func tally(_ site: String, _ reason: String, _ event: Event?) {
        let outcome = event.map { TallyEntry.Outcome(ruleID: $0.ruleID, outcomeID: $0.outcomeID) }
        count(TallyEntry.Kind(site: site, door: .log, status: 0, reason: reason, outcome: outcome))
    }

    private func log(_ kind: String, _ message: String) {
        limiter.log(kind, message, to: logger, nowMilliseconds: MonotonicClock.nowMilliseconds())
    }
}
