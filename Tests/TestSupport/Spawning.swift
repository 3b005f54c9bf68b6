import Foundation
import Synchronization

/// Starts processes as a shell would. Foundation's `Process` hands down the blocked signals of whatever thread it is
/// called on, takes a process for running while a descendant of it is, and, where some 1,300 descriptors are open, may read
/// past the end of what readdir(3) gave it. Each process leads a group of its own.
public enum Spawning {
    /// So that no process starts between the making of a pipe and the word that none is to inherit it.
    private static let inheritance = Mutex(())

    /// glibc's, which its headers show to who asks for what is its own.
    private static let closesOthers: @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32 =
        {
            let function = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np")
            return unsafeBitCast(
                function, to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self)
        }()

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs `command` to its end; returns what it prints. Throws, with what it says of that, where its status is not 0.
    ///
    /// - Parameter input: less than a pipe holds, as what it says is, so that nobody waits for the other.
    public static func run(_ command: [String], input: Data = Data()) throws -> Data {
        let (given, printed, said) = (try pipe(), try pipe(), try pipe())
        let handles = [given.writing, printed.reading, said.reading].map {
            FileHandle(fileDescriptor: $0, closeOnDealloc: true)
        }
        let process = try {
            defer { for descriptor in [given.reading, printed.writing, said.writing] { close(descriptor) } }
            return try spawn(command, input: given.reading, output: printed.writing, error: said.writing)
        }()
        try handles[0].write(contentsOf: input)
        try handles[0].close()
        let (output, error) = (handles[1].readDataToEndOfFile(), handles[2].readDataToEndOfFile())
        let status = wait(for: process)
        guard status == 0 else {
            throw Failure(description: "\(command[0]): status \(status): \(String(decoding: error, as: UTF8.self))")
        }
        return output
    }

    /// Starts `command`; returns its process id.
    ///
    /// - Parameters:
    ///   - input: what it reads; nothing where there is none.
    ///   - output: where its standard output goes, and its error as well, unless that is given.
    public static func spawn(
        _ command: [String], environment: [String: String] = [:], input: Int32? = nil, output: Int32,
        error: Int32? = nil
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, error ?? output, STDERR_FILENO)
        // Tests run in one process, and a socket of one is open in a daemon of another otherwise: its peer never sees the end.
        _ = closesOthers(&actions, STDERR_FILENO + 1)

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
                inheritance.withLock { _ in
                    posix_spawn(&processID, command[0], &actions, &attributes, arguments, environment)
                }
            }
        }
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        return processID
    }

    /// A pipe that no process inherits unless it is told to.
    public static func pipe() throws -> (reading: Int32, writing: Int32) {
        var descriptors: [Int32] = [-1, -1]
        try inheritance.withLock { _ in
            guard Foundation.pipe(&descriptors) == 0 else { throw POSIXError(.EMFILE) }
            for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
        return (descriptors[0], descriptors[1])
    }

    /// Waits for the process to end; returns its exit status, or 128 and the signal that ended it.
    public static func wait(for processID: pid_t) -> Int32 {
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
