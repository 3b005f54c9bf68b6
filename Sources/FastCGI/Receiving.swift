import CLinux
import EventLoop

extension Server {
    /// Something has arrived on a connection, if only its end.
    func arrived(on id: Connection.ID, isPeerClosed: Bool) {
        guard let connection = connections[id] else { return }
        if isPeerClosed { connection.isPeerClosed = true }
        switch connection.state {
        case .handling: connection.hasArrivals = true
        case .draining: drain(connection)
        case .receiving: receive(connection)
        }
    }

    /// Looks at what a connection's socket buffer holds, and takes the request when it is whole.
    private func receive(_ connection: Connection) {
        guard !isStillTooShort(connection) else { return }
        switch buffer.peek(connection.id.descriptor) {
        case .none: break
        case .ended: forget(connection)
        case .bytes(let bytes):
            switch finding(on: connection, in: bytes) {
            case .incomplete where connection.isPeerClosed: forget(connection)
            case .incomplete: expectTheRest(of: connection)
            case .complete(let isFollowed):
                connection.closesAfterAnswer = isFollowed || connection.isPeerClosed || isStopped
                handle(connection, hasWholeBody: true)
            case .bodyTooLarge:
                connection.closesAfterAnswer = true
                connection.hasUnreadBody = true
                handle(connection, hasWholeBody: false)
            case .refused(let refusal): refuse(connection, refusal)
            }
        }
    }

    /// Looking means copying all that lies there, which a peer that sends byte by byte is not worth.
    private func isStillTooShort(_ connection: Connection) -> Bool {
        guard connection.hasDeadline, !connection.isPeerClosed else { return false }
        let count = linux_bytes_readable(connection.id.descriptor)
        return count >= 0 && count < connection.bytesNeeded
    }

    private func finding(on connection: Connection, in bytes: UnsafeRawBufferPointer) -> RequestGuard.Finding {
        guard bytes.count >= connection.bytesNeeded else { return .incomplete(bytesNeeded: connection.bytesNeeded) }
        let finding = connection.requestGuard.examine(bytes)
        if case .incomplete(let bytesNeeded) = finding { connection.bytesNeeded = bytesNeeded }
        return finding
    }

    private func expectTheRest(of connection: Connection) {
        guard !connection.hasDeadline else { return }
        connection.hasDeadline = true
        idle.remove(connection)
        let id = connection.id
        let number = connection.requestNumber
        loop.schedule(afterMilliseconds: limits.requestDeadlineMilliseconds) {
            self.onLoop { $0.deadlinePassed(on: id, requestNumber: number) }
        }
    }

    private func deadlinePassed(on id: Connection.ID, requestNumber: UInt64) {
        guard let connection = connections[id], connection.requestNumber == requestNumber else { return }
        guard case .receiving = connection.state else { return }
        refuse(connection, .tooSlow)
    }

    private func refuse(_ connection: Connection, _ refusal: RequestRefusal) {
        log(.requestRefused(refusal), "connection closed without an answer to its request: \(refusal.rawValue)")
        forget(connection)
    }

    private func handle(_ connection: Connection, hasWholeBody: Bool) {
        let id = connection.id
        do {
            try reader.read(from: id.descriptor, scratch: buffer.bytes, hasWholeBody: hasWholeBody) { head, request in
                connection.began(head)
                if case .otherLength = request.body { connection.closesAfterAnswer = true }
                connection.state = .handling
                idle.remove(connection)
                connection.hasArrivals = false
                handler(request) { response in self.onLoop((id, response)) { $0.answer($1.0, $1.1) } }
            }
        } catch {
            if error.isClosed { connection.wasClosed() }
            refuse(connection, error.refusal)
        }
    }

    private func answer(_ id: Connection.ID, _ response: EncodedResponse) {
        guard let connection = connections[id] else { return }
        // A server that stops waits for nobody.
        if connection.hasUnreadBody, listeningDescriptor != nil { return answerAndDrain(connection, response) }
        connection.answer(response)
        guard !connection.isClosed else { return forget(connection) }
        connection.expectNextRequest(limits: limits)
        idle.append(connection, since: idleRound)
        if !isAccepting { resumeAcceptingIfPaused() }
        // The arrival was told while nobody looked.
        if connection.hasArrivals { receive(connection) }
    }

    // MARK: Bodies that are not read

    /// Answers while the web server may still be sending. Closing now would reset the connection, and what is written to
    /// one that is reset fails: the web server would report a broken pipe in place of the answer.
    private func answerAndDrain(_ connection: Connection, _ response: EncodedResponse) {
        connection.answerLast(response)
        guard !connection.isClosed else { return forget(connection) }
        connection.state = .draining
        let id = connection.id
        loop.schedule(afterMilliseconds: limits.requestDeadlineMilliseconds) {
            self.onLoop { server in server.connections[id].map { server.forget($0) } }
        }
        drain(connection)
    }

    /// Drops what has arrived, until the web server closes the connection, which it does once it has the answer.
    private func drain(_ connection: Connection) {
        while connection.drainedBytes <= limits.drainBytesMax {
            switch buffer.take(connection.id.descriptor) {
            case .none: return
            case .ended: return forget(connection)
            case .bytes(let bytes): connection.drainedBytes += bytes.count
            }
        }
        forget(connection)
    }
}
