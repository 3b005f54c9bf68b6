import EventLoop
import Glibc
import Records
import Synchronization

/// What an operator's tool asks for, which the fold does between two folds.
extension IngestServer {
    func forget(_ subjects: [Subject], for connection: ResponderConnection) {
        guard begin(connection) else { return }
        let id = connection.id
        let isTaken = inbox.submit(
            ErasureRequest(
                subjects: Set(subjects), progress: progress(of: id),
                reply: { count in
                    self.onLoopLater { $0.end(id, .forgotten(UInt32(clamping: count))) }
                }))
        if !isTaken { close(connection, because: "too many erasures wait already; ask again later") }
    }

    /// Counts of a whole site can be gone by it, so who only forwards records may not ask for it, where a responder has a user
    /// of its own.
    func tidy(_ tidying: Tidying, for connection: ResponderConnection) {
        guard begin(connection) else { return }
        let id = connection.id
        guard connection.user == 0 || connection.user == geteuid() else {
            log("tidying", "user \(connection.user) asks to \(tidying.action) rule versions, and may not")
            return end(id, .declined(reason: "only root, or the user that the aggregator runs as, may ask for this"))
        }
        let isTaken = inbox.submit(
            TidyRequest(
                tidying: tidying, user: connection.user, progress: progress(of: id),
                reply: { answer in
                    self.onLoopLater { server in
                        switch answer {
                        case .done(let count): server.end(id, .tidied(UInt32(clamping: count)))
                        case .declined(let reason): server.end(id, .declined(reason: reason))
                        }
                    }
                }))
        if !isTaken { close(connection, because: "too many wait already; ask again later") }
    }

    /// One at a time, so that nobody piles them up here.
    private func begin(_ connection: ResponderConnection) -> Bool {
        guard !connection.isKeeping else {
            close(connection, because: "a second request before the first was answered")
            return false
        }
        connection.isKeeping = true
        return true
    }

    /// Jobs of the loop run in the order in which they are begun.
    private nonisolated func onLoopLater(_ body: @escaping @Sendable (isolated IngestServer) -> Void) {
        Task(executorPreference: loop.executor) { await body(self) }
    }

    /// Tells each text once, however often in a row it is said.
    private func progress(of id: ResponderConnection.ID) -> @Sendable (String) -> Void {
        let told = Mutex<String?>(nil)
        return { text in
            let isNew = told.withLock { told in
                defer { told = text }
                return told != text
            }
            if isNew { self.onLoopLater { $0.tell(id, progress: text) } }
        }
    }

    private func tell(_ id: ResponderConnection.ID, progress text: String) {
        // Who does not read is told nothing more.
        guard let connection = connections[id], connection.hasRoom, connection.isKeeping else { return }
        connection.write(.erasing(progress: text))
        unwritten.insert(id)
    }

    private func end(_ id: ResponderConnection.ID, _ answer: AggregatorFrame) {
        guard let connection = connections[id] else { return }
        connection.isKeeping = false
        connection.write(answer)
        unwritten.insert(id)
    }
}
