import Foundation
import Synchronization

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

/// Starts processes as a shell would. Foundation's `Process` hands down the blocked signals of whatever thread it is
/// called on, and takes a process for running while a descendant of it is. Each process leads a group of its own.
enum Spawning {
    /// Starts `command`, its standard output and error going to `output`; returns its process id.
    static func spawn(_ command: [String], environment: [String: String], output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // What a daemon still has when it ends is no leak, and strace and the look for leaks keep each other out. The tests' own
        // process, which makes all of what a daemon is made of and ends it, is looked at.
        if let options = variables["ASAN_OPTIONS"] { variables["ASAN_OPTIONS"] = "\(options):detect_leaks=0" }
        var processID: pid_t = 0
        let code = withStrings(command) { arguments in
            withStrings(variables.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&processID, command[0], &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        return processID
    }

    /// A pipe that no process inherits unless it is told to.
    static func pipe() throws -> (reading: Int32, writing: Int32) {
        var descriptors: [Int32] = [-1, -1]
        guard Foundation.pipe(&descriptors) == 0 else { throw POSIXError(.EMFILE) }
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return (descriptors[0], descriptors[1])
    }

    /// Waits for the process to end; returns its exit status, or 128 and the signal that ended it.
    static func wait(for processID: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        return body(pointers)
    }
}
