import Glibc

/// Memory that socket contents are looked at in, one for all connections: they are served one at a time.
final class PeekBuffer {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        bytes = .allocate(byteCount: byteCount, alignment: 16)
    }

    deinit {
        bytes.deallocate()
    }

    enum Content {
        case bytes(UnsafeRawBufferPointer)
        /// Nothing has arrived.
        case none
        /// The peer has closed the connection, or it is broken.
        case ended
    }

    /// What lies in the socket buffer of `descriptor`, without taking it out.
    func peek(_ descriptor: CInt) -> Content {
        receive(descriptor, CInt(MSG_PEEK | MSG_DONTWAIT))
    }

    /// The next of it, taken out.
    func take(_ descriptor: CInt) -> Content {
        receive(descriptor, CInt(MSG_DONTWAIT))
    }

    private func receive(_ descriptor: CInt, _ flags: CInt) -> Content {
        while true {
            let count = recv(descriptor, bytes.baseAddress, bytes.count, flags)
            if count > 0 { return .bytes(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .none
            default: return .ended
            }
        }
    }
}
