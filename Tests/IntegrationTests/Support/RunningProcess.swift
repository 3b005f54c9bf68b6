import Foundation
import Synchronization

/// A process that a test has started. Its standard error can be waited on, line by line.
final class RunningProcess: Sendable {
    private struct State {
        var text = ""
        var status: Int32?
        var waiters: [Waiter] = []
    }

    private struct Waiter {
        let isSatisfied: @Sendable (_ text: String, _ status: Int32?) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    let processID: Int32
    private let state = Mutex(State())

    /// Starts `executable`; its output and errors are kept together.
    init(_ executable: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        processID = process.processIdentifier
        read(pipe.fileHandleForReading)
        process.terminationHandler = { [weak self] process in
            let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
            self?.update { $0.status = status }
        }
    }

    /// Everything written to standard error and output so far.
    var text: String {
        state.withLock { $0.text }
    }

    func signal(_ number: Int32) {
        kill(processID, number)
    }

    /// Returns once the process has written `fragment` so many times, or has ended.
    func wait(forText fragment: String, times: Int = 1) async {
        await wait { text, status in text.ranges(of: fragment).count >= times || status != nil }
    }

    /// The exit status, or 128 and the signal that ended the process.
    func waitForExit() async -> Int32 {
        await wait { _, status in status != nil }
        return state.withLock { $0.status ?? -1 }
    }

    private func wait(until isSatisfied: @escaping @Sendable (String, Int32?) -> Bool) async {
        await withCheckedContinuation { continuation in
            update { $0.waiters.append(Waiter(isSatisfied: isSatisfied, continuation: continuation)) }
        }
    }

    private func read(_ handle: FileHandle) {
        handle.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.update { $0.text += String(decoding: data, as: UTF8.self) }
        }
    }

    private func update(_ change: (inout sending State) -> Void) {
        let satisfied = state.withLock { state in
            change(&state)
            let text = state.text
            let status = state.status
            let satisfied = state.waiters.filter { $0.isSatisfied(text, status) }
            state.waiters.removeAll { $0.isSatisfied(text, status) }
            return satisfied.map(\.continuation)
        }
        for continuation in satisfied { continuation.resume() }
    }
}
