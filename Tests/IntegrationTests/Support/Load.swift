import AsyncHTTPClient
import Foundation
import NIOCore
import Synchronization

/// Requests one after the other from several senders, each with a visitor and a conversion name of its own.
final class Load: Sendable {
    private struct State {
        var answers: [String: Int] = [:]
        var acknowledged = 0
        var lastNumber = 0
        var isStopped = false
        var waiters: [(goal: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let port: Int
    private let state = Mutex(State())

    init(port: Int) {
        self.port = port
    }

    /// The status of each request by its conversion name; 0 where the connection broke.
    var answers: [String: Int] {
        state.withLock { $0.answers }
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
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiters.append((goal: $0.acknowledged + count, continuation: continuation)) }
        }
    }

    private func send() async {
        while let number = next() {
            let name = "CONVERSION-\(number)"
            let status = (try? await status(ofSending: name)) ?? 0
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

    private func status(ofSending name: String) async throws -> Int {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(ConversionRequest.path)")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Cookie", value: "blaize_tracking_id=\(name); blaize_session=s")
        request.body = .bytes(ByteBuffer(string: ConversionRequest.body(conversion: name)))
        let response = try await TestHTTP.client.execute(request, timeout: .seconds(20))
        _ = try await response.body.collect(upTo: 1 << 16)
        return Int(response.status.code)
    }

    private func note(_ name: String, _ status: Int) {
        let reached = state.withLock { state in
            state.answers[name] = status
            if status == 201 { state.acknowledged += 1 }
            let acknowledged = state.acknowledged
            let reached = state.waiters.filter { $0.goal <= acknowledged }
            state.waiters.removeAll { $0.goal <= acknowledged }
            return reached.map(\.continuation)
        }
        for continuation in reached { continuation.resume() }
    }
}
