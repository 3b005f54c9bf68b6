import CLinux
import EventLoop

extension Server {
    /// Something has arrived on a connection, if only its end.
    func arrived(on id: Connection.ID, isPeerClosed: Bool) {
        guard let connection = connections[id] else { return }
        if isPeerClosed { connection.isPeerClosed = true }
        switch connection.state {
        case .handling: connection.hasArrivals = true
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
                connection.closesAfterAnswer = isFollowed || connection.isPeerClosed
                handle(connection, hasWholeBody: true)
            case .bodyTooLarge:
                connection.closesAfterAnswer = true
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
        let id = connection.id
        let number = connection.requestNumber
        loop.schedule(afterMilliseconds: limits.requestDeadlineMilliseconds) {
            self.assumeIsolated { $0.deadlinePassed(on: id, requestNumber: number) }
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
        let request: Request
        do {
            request = try connection.read(scratch: buffer.bytes, hasWholeBody: hasWholeBody)
        } catch {
            return refuse(connection, error.refusal)
        }
        if case .otherLength = request.body { connection.closesAfterAnswer = true }
        connection.state = .handling
        connection.hasArrivals = false
        let id = connection.id
        Task(executorPreference: loop.executor) { [handler] in
            let response = await handler(request)
            await self.answer(id, response)
        }
    }

    private func answer(_ id: Connection.ID, _ response: Response) {
        guard let connection = connections[id] else { return }
        connection.answer(response)
        guard !connection.isClosed else { return forget(connection) }
        connection.expectNextRequest(limits: limits)
        // The arrival was told while nobody looked.
        if connection.hasArrivals { receive(connection) }
    }
}
