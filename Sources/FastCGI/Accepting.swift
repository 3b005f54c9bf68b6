import CLinux
import EventLoop
import Glibc

extension Server {
    /// How many connections are accepted before those at hand are served again.
    private static let acceptsPerTickMax = 128
    /// How long accepting rests when the process or the machine has no descriptor left.
    private static let pauseMilliseconds = 100

    func resumeAccepting() throws(SystemError) {
        guard let descriptor = listeningDescriptor, !isAccepting else { return }
        try loop.watch(descriptor) { _ in self.onLoop { $0.acceptConnections() } }
        isAccepting = true
    }

    func pauseAccepting() {
        guard let descriptor = listeningDescriptor, isAccepting else { return }
        loop.unwatch(descriptor)
        isAccepting = false
    }

    /// A connection has gone, or one waits for a request again, so that another may come.
    func resumeAcceptingIfPaused() {
        guard !isAccepting, connections.count < limits.connectionsMax || idle.first != nil else { return }
        do {
            try resumeAccepting()
        } catch {
            pause(because: "\(error)")
        }
    }

    private func acceptConnections() {
        for _ in 0..<Self.acceptsPerTickMax {
            guard isAccepting, let listening = listeningDescriptor else { return }
            if connections.count >= limits.connectionsMax {
                guard isAnyWaiting(on: listening) else { return }
                guard closeLongestIdle() else {
                    return pause(because: "\(connections.count) connections are open, which is connectionsMax")
                }
            }
            let descriptor = linux_accept_nonblocking(listening)
            if descriptor >= 0 {
                take(descriptor)
            } else if !goesOnAfterFailedAccept(errno) {
                return
            }
        }
        // Edge-triggered: what is left in the queue would not be told again.
        pauseAccepting()
        resumeAcceptingIfPaused()
    }

    /// Whether a connection lies in the listen queue, so that none is closed for nobody.
    private func isAnyWaiting(on descriptor: CInt) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) == 1
    }

    private func goesOnAfterFailedAccept(_ code: CInt) -> Bool {
        switch code {
        case EAGAIN:
            return false
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            pause(because: "\(SystemError("accept", code: code))")
            return false
        default:
            // The connection has gone before it was accepted, or its network is in trouble: that is its peer's matter.
            return true
        }
    }

    /// Further connections wait in the listen queue until one goes, or a moment has passed.
    private func pause(because reason: String) {
        pauseAccepting()
        log(.acceptingPaused, "accepting paused: \(reason)")
        loop.schedule(afterMilliseconds: Self.pauseMilliseconds) {
            self.onLoop { $0.resumeAcceptingIfPaused() }
        }
    }

    private func take(_ descriptor: CInt) {
        guard peers.admits(descriptor) else {
            close(descriptor)
            return log(.peerRefused, "connection refused: its peer runs as a user that allowedPeers does not name")
        }
        let id = nextID(descriptor: descriptor)
        let connection = Connection(id: id, limits: limits)
        connections.insert(connection)
        idle.append(connection, since: idleRound)
        do {
            try loop.watch(descriptor) { readiness in
                self.onLoop((id, readiness.isPeerClosed)) { $0.arrived(on: $1.0, isPeerClosed: $1.1) }
            }
        } catch {
            forget(connection)
            pause(because: "\(error)")
        }
    }
}

/// Connections that nobody sends a request on.
extension Server {
    /// How many rounds ``ServerLimits/idleMilliseconds`` has. Ages are counted in rounds, so that no request costs a look at
    /// the clock.
    private static let roundsPerLimit = 8
    /// How many connections are looked at for one that nothing has arrived on.
    private static let candidatesMax = 16

    func scheduleIdleRound() {
        loop.schedule(afterMilliseconds: max(1, limits.idleMilliseconds / Self.roundsPerLimit)) {
            self.onLoop { $0.closeIdleConnections() }
        }
    }

    private func closeIdleConnections() {
        guard listeningDescriptor != nil else { return }
        idleRound += 1
        while let longest = idle.first, let place = longest.idlePlace,
            idleRound - place.since > UInt64(Self.roundsPerLimit)
        {
            closeUnlessUsed(longest)
        }
        scheduleIdleRound()
    }

    /// Makes room for one connection more; whether that was possible.
    func closeLongestIdle() -> Bool {
        for _ in 0..<Self.candidatesMax {
            guard let longest = idle.first else { return false }
            if closeUnlessUsed(longest) {
                log(
                    .connectionsFull,
                    "\(limits.connectionsMax) connections are open, which is connectionsMax: for a new one the longest "
                        + "unused is closed")
                return true
            }
        }
        return false
    }

    /// Closes an idle connection, unless a request has arrived on it that the loop has not come to yet.
    @discardableResult
    private func closeUnlessUsed(_ connection: Connection) -> Bool {
        guard linux_bytes_readable(connection.id.descriptor) <= 0 else {
            idle.remove(connection)
            idle.append(connection, since: idleRound)
            return false
        }
        forget(connection)
        return true
    }
}

/// The connections that wait for a request, in the order in which they began to.
///
/// A list through the connections themselves, so that each request, which takes one out and puts it back at the end, costs
/// the same however many there are.
struct IdleConnections {
    /// Where a connection stands.
    struct Place {
        fileprivate(set) unowned var previous: Connection?
        fileprivate(set) var next: Connection?
        /// What the caller said when the connection came in.
        let since: UInt64
    }

    /// The one that has waited longest.
    private(set) var first: Connection?
    private var last: Connection?

    /// Puts a connection, which must not be in here, at the end.
    mutating func append(_ connection: Connection, since: UInt64) {
        connection.idlePlace = Place(previous: last, next: nil, since: since)
        if let last { last.idlePlace?.next = connection } else { first = connection }
        last = connection
    }

    /// Takes a connection out, if it is in here.
    mutating func remove(_ connection: Connection) {
        guard let place = connection.idlePlace else { return }
        connection.idlePlace = nil
        if let previous = place.previous { previous.idlePlace?.next = place.next } else { first = place.next }
        if let next = place.next { next.idlePlace?.previous = place.previous } else { last = place.previous }
    }
}
