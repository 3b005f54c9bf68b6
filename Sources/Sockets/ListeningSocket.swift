import CLinux
import EventLoop
import Glibc

/// A socket that waits for connections, or for datagrams, owned: closed when it goes, its path removed when it had one.
public struct ListeningSocket: ~Copyable, Sendable {
    /// How many connections wait to be accepted; the kernel lowers it to `net.core.somaxconn`.
    static let backlog: CInt = 4096

    public let descriptor: CInt
    /// What it listens on, for logs: `unix:/run/x.sock`, `tcp:127.0.0.1:9000`, `descriptor 0`.
    public let name: String
    /// The path to remove at the end; nil when the socket is not ours to remove.
    private let path: String?
    private var isReleased = false

    init(descriptor: CInt, name: String, path: String?) {
        self.descriptor = descriptor
        self.name = name
        self.path = path
    }

    deinit {
        if isReleased { return }
        // In this order, so that the path is never another process's that has taken it over since.
        if let path { unlink(path) }
        close(descriptor)
    }

    /// Hands the descriptor to the caller, who closes it and removes its path.
    public consuming func release() -> CInt {
        isReleased = true
        return descriptor
    }
}
