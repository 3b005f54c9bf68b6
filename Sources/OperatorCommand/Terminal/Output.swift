import Glibc

/// Standard output or standard error.
struct Output {
    static let standard = Output(descriptor: STDOUT_FILENO)
    static let error = Output(descriptor: STDERR_FILENO)

    private let descriptor: Int32

    /// How wide the terminal is; nil when this is no terminal, or one that does not say.
    var terminalColumns: Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    func write(_ text: String) {
        write(Array(text.utf8))
    }

    /// Writes all of `bytes`. When the other end is gone there is nobody left to tell, so the rest is dropped; any other
    /// error ends the process, because an incomplete report must not look like a whole one.
    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                return
            } else if errno != EINTR {
                failed(errno)
            }
        }
    }

    private func failed(_ code: Int32) -> Never {
        if descriptor != STDERR_FILENO {
            Output.error.write("Error: the output cannot be written: \(String(cString: strerror(code)))\n")
        }
        exit(EX_IOERR)
    }
}
