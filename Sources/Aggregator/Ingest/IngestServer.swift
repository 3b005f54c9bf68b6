import CLinux
import EventLoop
import Records
import Glibc
import Logging
import Synchronization

/// Responders' connections on one event loop: what arrives on all of them in a turn is one commit.
actor IngestServer: LoopActor {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    /// How many records may await their answer on one connection.
    static let inFlightMax: UInt32 = 8_192
    private static let readBytes = 256 * 1024
    /// How much of one connection is read in a turn, so that others have theirs.
    private static let readsPerTurnMax = 16
    /// How many connections are accepted before those at hand are served again.
    private static let acceptsPerTurnMax = 128
    /// How long accepting rests when the process or the machine has no descriptor left.
    private static let pauseMilliseconds = 100

    nonisolated let loop: EventLoop
    private let commit: GroupCommit
    private let clock: SoundClock
    private let currentEpoch: CurrentEpoch
    let inbox: FoldInbox
    private let statistics: AggregatorStatistics
    private let peers: PeerPolicy
    let logger: Logger
    /// nil once the server has stopped.
    private var listener: ListeningSocket?
    private let listening: CInt
    private(set) var connections: [ResponderConnection.ID: ResponderConnection] = [:]
    /// Those of which not all that has arrived was read, and those that have something to write.
    private var unread: Set<ResponderConnection.ID> = []
    var unwritten: Set<ResponderConnection.ID> = []
    private var lastSerial: UInt64 = 0
    private var isAcceptingLater = false
    private var buffer = [UInt8](repeating: 0, count: IngestServer.readBytes)

    /// It takes over `listener` and lives on `loop`, which the caller runs.
    init(
        loop: EventLoop, listener: consuming ListeningSocket, peers: PeerPolicy, commit: GroupCommit, clock: SoundClock,
        currentEpoch: CurrentEpoch, inbox: FoldInbox, statistics: AggregatorStatistics, logger: Logger
    ) {
        self.loop = loop
        listening = listener.descriptor
        self.listener = consume listener
        self.peers = peers
        self.commit = commit
        self.clock = clock
        self.currentEpoch = currentEpoch
        self.inbox = inbox
        self.statistics = statistics
        self.logger = logger
    }

    /// Begins to accept.
    func start() throws(SystemError) {
        loop.atEndOfTick { self.onLoop { $0.endTurn() } }
        try loop.watch(listening) { _ in self.onLoop { $0.accept() } }
    }

    /// Lets nobody in any more, answers for what has arrived, and closes every connection.
    func stop() {
        if listener != nil { loop.unwatch(listening) }
        listener = nil
        for connection in Array(connections.values) { read(connection) }
        endTurn()
        for connection in Array(connections.values) { forget(connection) }
    }

    // MARK: Accepting

    private func accept() {
        guard listener != nil, !isAcceptingLater else { return }
        for _ in 0..<Self.acceptsPerTurnMax {
            let descriptor = linux_accept_nonblocking(listening)
            if descriptor >= 0 {
                take(descriptor)
                continue
            }
            switch errno {
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                log("accept", "accepting responders paused: \(SystemError("accept"))")
                return acceptLater(afterMilliseconds: Self.pauseMilliseconds)
            // The connection has gone before it was accepted.
            default: continue
            }
        }
        acceptLater(afterMilliseconds: 0)
    }

    private func acceptLater(afterMilliseconds milliseconds: Int) {
        isAcceptingLater = true
        loop.schedule(afterMilliseconds: milliseconds) {
            self.onLoop { server in
                server.isAcceptingLater = false
                server.accept()
            }
        }
    }

    private func take(_ descriptor: CInt) {
        var credentials = linux_peer_credentials()
        guard linux_peer_credentials(descriptor, &credentials) == 0, peers.admits(user: credentials.uid) else {
            Glibc.close(descriptor)
            return log("peer", "a connection is refused: its peer runs as a user that allowedPeers does not name")
        }
        lastSerial += 1
        let id = ResponderConnection.ID(descriptor: descriptor, serial: lastSerial)
        let connection = ResponderConnection(id: id, processID: credentials.pid, user: credentials.uid)
        do {
            try watch(connection, for: .reading)
            connections[id] = connection
        } catch {
            log("watch", "a connection is refused: \(error)")
        }
    }

    private func watch(_ connection: ResponderConnection, for interest: Interest) throws(SystemError) {
        let id = connection.id
        try loop.watch(id.descriptor, for: interest) { readiness in
            self.onLoop((id, readiness)) { $0.becameReady($1.0, $1.1) }
        }
    }

    /// Being told that a socket is writable costs a wake-up for everything its peer reads, so it is asked for only while
    /// something waits to be written.
    private func watchForWriting(_ connection: ResponderConnection) {
        guard connection.isWatchedForWriting == connection.isFlushed else { return }
        connection.isWatchedForWriting = !connection.isFlushed
        loop.unwatch(connection.id.descriptor)
        do {
            try watch(connection, for: connection.isFlushed ? .reading : .readingAndWriting)
        } catch {
            log("watch", "a responder's connection is closed: \(error)")
            forget(connection)
        }
    }

    private func forget(_ connection: ResponderConnection) {
        if let responder = connection.responder { statistics.responderDisconnected(responder) }
        loop.unwatch(connection.id.descriptor)
        connections[connection.id] = nil
        unread.remove(connection.id)
        unwritten.remove(connection.id)
    }

    // MARK: A turn

    private func becameReady(_ id: ResponderConnection.ID, _ readiness: Readiness) {
        guard let connection = connections[id] else { return }
        if readiness.isWritable { unwritten.insert(id) }
        if readiness.isReadable { read(connection) }
    }

    private func read(_ connection: ResponderConnection) {
        unread.remove(connection.id)
        for _ in 0..<Self.readsPerTurnMax {
            switch buffer.withUnsafeMutableBytes({ connection.receive(into: $0) }) {
            case .nothing: return
            case .ended: return forget(connection)
            case .bytes: takeFrames(from: connection)
            }
            // Who is told why it ends is not listened to any more.
            if connection.isClosing { return }
        }
        unread.insert(connection.id)
        loop.schedule(afterMilliseconds: 0) { self.onLoop { $0.readOn() } }
    }

    private func readOn() {
        for id in unread { connections[id].map(read) }
    }

    /// Commits what has arrived, and writes the answers.
    private func endTurn() {
        commit.onLoop { $0.commitWaiting() }
        writeAnswers()
        commit.onLoop { $0.rest() }
    }

    private func writeAnswers() {
        guard !unwritten.isEmpty else { return }
        for id in unwritten {
            guard let connection = connections[id] else { continue }
            guard connection.flush() else {
                forget(connection)
                continue
            }
            // Who is told why it ends, and does not read, is not waited for.
            if connection.isClosing {
                forget(connection)
            } else {
                watchForWriting(connection)
            }
        }
        unwritten = []
    }

    // MARK: Frames

    private func takeFrames(from connection: ResponderConnection) {
        do {
            while let frame = try connection.nextFrame() { take(frame, from: connection) }
        } catch {
            close(connection, because: "\(error)")
        }
    }

    private func take(_ frame: ResponderFrame, from connection: ResponderConnection) {
        switch frame {
        case .hello(let version, let epoch): greet(connection, version: version, epoch)
        case .records(let records) where connection.responder != nil: take(records, from: connection)
        case .forget(let subjects) where connection.responder != nil: forget(subjects, for: connection)
        case .tidy(let tidying) where connection.responder != nil: tidy(tidying, for: connection)
        case .answers(let entries) where connection.responder != nil: take(entries)
        case .status(let status) where connection.responder != nil: take(status, from: connection)
        default: close(connection, because: "the first frame has to be a hello")
        }
    }

    private func greet(_ connection: ResponderConnection, version: UInt16, _ epoch: SubjectEpoch?) {
        let spoken = ForwardProtocol.versionsSpoken
        guard spoken.contains(version), let epoch else {
            let remedy =
                version < spoken.lowerBound
                ? "that responder is older than what can be taken in: upgrade it"
                : "upgrade the aggregator first, then its responders"
            return close(
                connection,
                because: "version \(version) of the forward protocol is not spoken here, only \(spoken.lowerBound) to "
                    + "\(spoken.upperBound); \(remedy)")
        }
        guard connection.responder == nil else { return close(connection, because: "a second hello") }
        if epoch != .none, let refusal = currentEpoch.refusal(ofPeer: epoch) {
            return close(connection, because: refusal)
        }
        connection.greeted(version, epoch, inFlightMax: Self.inFlightMax, by: statistics)
        unwritten.insert(connection.id)
    }

    private func take(_ answers: [TallyEntry]) {
        statistics.answered(answers)
        inbox.told(answers, nowMilliseconds: clock.nowMilliseconds)
    }

    private func take(_ status: ResponderStatus, from connection: ResponderConnection) {
        guard let responder = connection.responder else { return }
        statistics.responder(responder, told: status, nowMilliseconds: clock.nowMilliseconds)
    }

    private func take(_ arrived: EncodedRecords, from connection: ResponderConnection) {
        guard arrived.count > 0, let epoch = connection.epoch else { return }
        guard epoch != .none else { return close(connection, because: "records need the epoch of their subjects") }
        if let refusal = currentEpoch.refusal(ofRecords: epoch) { return close(connection, because: refusal) }
        let records = withSoundTimes(arrived)
        // Not at the hello: a tool that only erases brings no subject of its epoch.
        inbox.told(epoch, nowMilliseconds: clock.nowMilliseconds)
        connection.submitted(records: records.count)
        guard connection.unanswered <= Int(Self.inFlightMax) else {
            return close(connection, because: "more than \(Self.inFlightMax) records are unanswered")
        }
        statistics.arrived(records: records.count)
        let (id, count) = (connection.id, records.count)
        commit.onLoop { commit in
            commit.submit(records) { frame in self.onLoop { $0.answer(id, frame, forRecords: count) } }
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

    private func answer(_ id: ResponderConnection.ID, _ frame: AggregatorFrame, forRecords count: Int) {
        statistics.answered(records: count)
        guard let connection = connections[id] else { return }
        connection.answer(frame, forRecords: count)
        unwritten.insert(id)
    }

    func close(_ connection: ResponderConnection, because reason: String) {
        log("closing", "a responder's connection is closed: \(reason)")
        connection.close(because: reason)
        unwritten.insert(connection.id)
    }

    func log(_ kind: String, _ message: String) {
        statistics.log(kind, message, to: logger)
    }
}
