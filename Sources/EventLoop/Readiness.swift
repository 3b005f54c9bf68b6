import CLinux

/// What a descriptor has become ready for.
public struct Readiness: Sendable {
    let events: UInt32

    public var isWritable: Bool { events & EPOLLOUT.rawValue != 0 }
    /// The peer will send no more.
    public var isPeerClosed: Bool { events & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    /// There is something to read: bytes, the peer's end, or an error.
    public var isReadable: Bool { events & ~EPOLLOUT.rawValue != 0 }
}
