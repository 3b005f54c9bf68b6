import CLinux

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
