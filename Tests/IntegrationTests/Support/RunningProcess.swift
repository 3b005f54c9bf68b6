import Foundation
import Synchronization
import TestSupport

/// A process that a test has started. What it writes, to standard output and error together, can be waited on.
final class RunningProcess: Sendable {
    private struct State {
        var text = ""
        var status: Int32?
        /// Nothing more can be written.
        var isAtEnd = false
        var waiters: [Waiter] = []
    }

    private struct Waiter {
        let id: UUID
        let isSatisfied: @Sendable (State) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    let processID: Int32
    private let state = Mutex(State())

    init(_ executable: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
        let pipe = try Spawning.pipe()
        defer { close(pipe.writing) }
        processID = try Spawning.spawn(
            [executable.path] + arguments, environment: environment, output: pipe.writing)
        Thread.detachNewThread { [self] in
            readToEnd(pipe.reading)
            close(pipe.reading)
        }
        Thread.detachNewThread { [self] in
            let status = Spawning.wait(for: processID)
            update { $0.status = status }
        }
    }

    /// Everything written so far.
    var text: String {
        state.withLock { $0.text }
    }

    func signal(_ number: Int32) {
        // Once the process has been waited for, its number may be another's.
        state.withLock { if $0.status == nil { kill(processID, number) } }
    }

    /// Signals the process and its descendants, as a terminal's Ctrl-C does.
    func signalGroup(_ number: Int32) {
        state.withLock { if $0.status == nil { kill(-processID, number) } }
    }

    /// Returns once the process has written `fragment` so many times, or has ended.
    func wait(forText fragment: String, times: Int = 1) async {
        await wait { $0.text.ranges(of: fragment).count >= times || $0.status != nil }
    }

    /// The exit status, or 128 and the signal that ended the process.
    @discardableResult
    func waitForExit() async -> Int32 {
        await wait { $0.status != nil }
        return state.withLock { $0.status ?? -1 }
    }

    /// Returns once everything that the process wrote has been read.
    func waitForEnd() async {
        await wait { $0.isAtEnd }
    }

    /// Returns early when the task is cancelled, as a test is whose time is over: else it would wait on, and all tests
    /// behind it.
    private func wait(until isSatisfied: @escaping @Sendable (State) -> Bool) async {
        let id = UUID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                update { $0.waiters.append(Waiter(id: id, isSatisfied: isSatisfied, continuation: continuation)) }
                if Task.isCancelled { giveUp(id) }
            }
        } onCancel: {
            giveUp(id)
        }
    }

    private func giveUp(_ id: UUID) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume()
    }

    private func readToEnd(_ descriptor: Int32) {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return update { $0.isAtEnd = true } }
            let text = String(decoding: chunk[..<count], as: UTF8.self)
            update { $0.text += text }
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let satisfied = state.withLock { state in
            change(&state)
            let snapshot = state
            state.waiters.removeAll { $0.isSatisfied(snapshot) }
            return snapshot.waiters.filter { $0.isSatisfied(snapshot) }.map(\.continuation)
        }
        for continuation in satisfied { continuation.resume() }
    }
}
