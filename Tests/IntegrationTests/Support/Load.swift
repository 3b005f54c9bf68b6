import Foundation
import Synchronization

/// Requests one after the other from several senders, each with a visitor and a conversion name of its own.
final class Load: Sendable {
    private struct State {
        var answers: [String: Int] = [:]
        /// How often each status was answered.
        var counts: [Int: Int] = [:]
        var lastNumber = 0
        var isStopped = false
        var waiters: [Waiter] = []
    }

    private struct Waiter {
        let status: Int
        let goal: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    /// Sends a request whose visitor and conversion have that name, which is made of that number, and returns its status.
    typealias Sender = @Sendable (_ name: String, _ number: Int) async throws -> Int

    private let sender: Sender
    private let state = Mutex(State())

    init(_ sender: @escaping Sender) {
        self.sender = sender
    }

    /// With a session cookie, to a port of this machine.
    convenience init(port: Int) {
        self.init { name, _ in
            let request = ConversionRequest(
                cookie: "blaize_tracking_id=\(name); blaize_session=s",
                body: ConversionRequest.body(conversion: name))
            return try await Deployment.send(request, port: port).status
        }
    }

    /// The status of each request by its conversion name; 0 where the connection broke.
    var answers: [String: Int] {
        state.withLock { $0.answers }
    }

    /// How many requests were answered that status.
    func count(of status: Int) -> Int {
        state.withLock { $0.counts[status] ?? 0 }
    }

    func start(concurrency: Int) -> Task<Void, Never> {
        Task {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<concurrency { group.addTask { await self.send() } }
            }
        }
    }

    /// Ends the load after the requests that are under way.
    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Returns when so many more conversions have been acknowledged.
    func acknowledged(atLeastMore count: Int) async throws {
        try await answered(201, atLeastMore: count)
    }

    /// Returns when so many more requests have been answered with that status.
    func answered(_ status: Int, atLeastMore count: Int) async throws {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                let goal = (state.counts[status] ?? 0) + count
                state.waiters.append(Waiter(status: status, goal: goal, continuation: continuation))
            }
        }
    }

    private func send() async {
        while let number = next() {
            let name = "CONVERSION-\(number)"
            let status = (try? await sender(name, number)) ?? 0
            note(name, status)
        }
    }

    private func next() -> Int? {
        state.withLock { state in
            if state.isStopped { return nil }
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    private func note(_ name: String, _ status: Int) {
        let reached = state.withLock { state in
            state.answers[name] = status
            state.counts[status, default: 0] += 1
            let counts = state.counts
            let isReached = { (waiter: Waiter) in (counts[waiter.status] ?? 0) >= waiter.goal }
            let reached = state.waiters.filter(isReached)
            state.waiters.removeAll(where: isReached)
            return reached.map(\.continuation)
        }
        for continuation in reached { continuation.resume() }
    }
}
