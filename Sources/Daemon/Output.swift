import Glibc

/// Standard output or standard error of a command that is run by hand, or by a script.
public struct Output: Sendable {
    public static let standard = Output(descriptor: STDOUT_FILENO)
    public static let error = Output(descriptor: STDERR_FILENO)

    private let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// How wide the terminal is; nil when this is no terminal, or one that does not say.
    public var terminalColumns: Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    public func write(_ text: String) {
        write(Array(text.utf8))
    }

    /// Writes all of `bytes`, and waits for a reader that is slow.
    ///
    /// Where standard output's reader is gone, the process ends by SIGPIPE as others do then, which is what `head` is
    /// used with. Any other error of standard output ends it, too, with status 74 (`ExitStatus.inputOutput`), because an
    /// incomplete report must not look like a whole one. What standard error does not take is left out.
    public func write(_ bytes: [UInt8]) {
        let code = errorWriting(bytes)
        guard code != 0, descriptor != STDERR_FILENO else { return }
        if code == EPIPE { Self.endByBrokenPipe() }
        Output.error.write("Error: the output cannot be written: \(String(cString: strerror(code)))\n")
        exit(ExitStatus.inputOutput)
    }

    /// Ends the process with what the parser of its command line has to say: help, or a mistake.
    public static func end(_ text: String, status: Int32) -> Never {
        if !text.isEmpty { (status == 0 ? standard : error).write(text + "\n") }
        exit(status)
    }

    /// The system's error number; 0 when all is written.
    ///
    /// Whoever has the other end may have made it non-blocking for both, as node and ssh do. Then a full pipe is no error: it
    /// has room again once something is read.
    func errorWriting(_ bytes: [UInt8]) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&descriptor, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    private static func endByBrokenPipe() -> Never {
        signal(SIGPIPE, SIG_DFL)
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_UNBLOCK, &pipe, nil)
        raise(SIGPIPE)
        // What a shell says of a process that ended so.
        exit(128 + SIGPIPE)
    }
}

/// How a program ends, by the numbers of `sysexits.h`.
public enum ExitStatus {
    /// A file or directory that is needed cannot be used as it is.
    public static let dataError: Int32 = 65
    /// A socket or another service of the system cannot be had.
    public static let unavailable: Int32 = 69
    /// Something went wrong while it ran.
    public static let software: Int32 = 70
    /// Reading, writing or syncing failed; a new start may find the disk in order again.
    public static let inputOutput: Int32 = 74
    /// Something that passes by itself is in the way; a new start will do.
    public static let temporary: Int32 = 75
    /// The configuration is wrong.
    public static let configuration: Int32 = 78
}
