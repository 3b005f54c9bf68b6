import ForwardProtocol
import Glibc
import Records
import Sockets

/// A connection to the aggregator's socket, on which it is asked to erase subjects.
final class ForgettingClient {
    private let descriptor: CInt
    private let path: String

    /// Connects and is welcomed.
    init(socket path: String, epoch: SubjectEpoch) throws(CommandFailure) {
        descriptor = try Self.connect(path)
        self.path = path
        // Waiting is all there is to do here.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        try send(ResponderFrame.encodeHello(epoch: epoch))
    }

    private static func connect(_ path: String) throws(CommandFailure) -> CInt {
        do {
            return try UnixSocketPath(path).connect()
        } catch {
            throw .unavailable(
                "the aggregator at \(path) cannot be reached: \(error); is it running, and may this user connect?")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Returns how many there were, counted once for each rule version, when nothing is left of them. Meanwhile `progress`
    /// is told what is being done, or waited for.
    func forget(_ subjects: [Subject], progress: (String) -> Void) throws(CommandFailure) -> Int {
        var arrived = FrameBuffer()
        guard case .welcome = try next(&arrived) else { throw unexpected() }
        var count = 0
        var rest = subjects[...]
        while !rest.isEmpty {
            let some = rest.prefix(ResponderFrame.subjectsMax)
            rest = rest.dropFirst(some.count)
            try send(ResponderFrame.encodeForget(Array(some)))
            count += try answer(&arrived, progress)
        }
        return count
    }

    private func answer(_ arrived: inout FrameBuffer, _ progress: (String) -> Void) throws(CommandFailure) -> Int {
        while true {
            switch try next(&arrived) {
            case .erasing(let text): progress(text)
            case .forgotten(let count): return Int(count)
            default: throw unexpected()
            }
        }
    }

    private func next(_ arrived: inout FrameBuffer) throws(CommandFailure) -> AggregatorFrame {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let frame: AggregatorFrame?
            do {
                frame = try arrived.next(AggregatorFrame.init(decoding:))
            } catch {
                throw unexpected()
            }
            if case .closing(let reason) = frame {
                throw .unavailable("the aggregator at \(path) closes the connection: \(reason)")
            }
            if let frame { return frame }
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .unavailable(
                    "the aggregator at \(path) ended the connection before it said that all was erased; does its "
                        + "allowedPeers name this user? Its log may say more. What it had begun it goes on with at its "
                        + "next start; give the command again to hear that nothing is left")
            }
            bytes.withUnsafeBytes { arrived.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    private func send(_ bytes: [UInt8]) throws(CommandFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func unexpected() -> CommandFailure {
        .unavailable("the aggregator at \(path) answers something else; run programs of one release")
    }
}
