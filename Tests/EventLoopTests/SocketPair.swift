import EventLoop
import Glibc

/// Two connected sockets, closed with the last reference.
final class SocketPair: Sendable {
    let near: CInt
    let far: CInt

    init() throws(SystemError) {
        var descriptors: [CInt] = [-1, -1]
        let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &descriptors) == 0 else { throw SystemError("socketpair") }
        near = descriptors[0]
        far = descriptors[1]
    }

    deinit {
        close(near)
        close(far)
    }

    /// Makes the near end readable.
    func sendToNear() {
        _ = write(far, "x", 1)
    }

    /// Takes out what the near end can read, and says how many bytes that was.
    func drainNear() -> Int {
        var bytes = [UInt8](repeating: 0, count: 64)
        return read(near, &bytes, bytes.count)
    }

    func closeFar() {
        shutdown(far, CInt(SHUT_RDWR))
    }
}
