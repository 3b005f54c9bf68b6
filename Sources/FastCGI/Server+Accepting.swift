import CLinux
import EventLoop
import Glibc
import Sockets

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
        guard let connection = Connection(id: id, limits: limits) else { return }
        connections[id] = connection
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
