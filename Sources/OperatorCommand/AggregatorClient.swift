import EventLoop
import Glibc
import Records

/// A connection to the aggregator's socket, on which it is asked for what only an operator asks for.
final class AggregatorClient {
    private let descriptor: CInt
    private let path: String
    private var arrived = FrameBuffer()
    private var isWelcome = false

    /// Connects.
    ///
    /// - Parameter epoch: that of the subjects to come, if there are any.
    init(socket path: String, epoch: SubjectEpoch = .none) throws(CommandFailure) {
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
        var count = 0
        var rest = subjects[...]
        while !rest.isEmpty {
            let some = rest.prefix(ResponderFrame.subjectsMax)
            rest = rest.dropFirst(some.count)
            guard case .forgotten(let found) = try answer(to: ResponderFrame.encodeForget(Array(some)), progress)
            else { throw unexpected() }
            count += Int(found)
        }
        return count
    }

    /// The same of rule versions and outcomes, and what is to become of them.
    func tidy(
        _ action: Tidying.Action, _ parts: [RulePart], progress: (String) -> Void
    ) throws(CommandFailure) -> Int {
        var count = 0
        var rest = parts[...]
        while !rest.isEmpty {
            let some = rest.prefix(Tidying.partsMax)
            rest = rest.dropFirst(some.count)
            switch try answer(to: ResponderFrame.encodeTidy(Tidying(action, Array(some))), progress) {
            case .tidied(let found): count += Int(found)
            case .declined(let reason):
                let what = count > 0 ? " the rest, after \(count) that are done" : ""
                throw .data("the aggregator declines\(what): \(reason.escapedForTerminal)")
            default: throw unexpected()
            }
        }
        return count
    }

    private func answer(
        to frame: [UInt8], _ progress: (String) -> Void
    ) throws(CommandFailure) -> AggregatorFrame {
        if !isWelcome {
            guard case .welcome = try next() else { throw unexpected() }
            isWelcome = true
        }
        try send(frame)
        while true {
            let frame = try next()
            guard case .erasing(let text) = frame else { return frame }
            progress(text)
        }
    }

    private func next() throws(CommandFailure) -> AggregatorFrame {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let frame: AggregatorFrame?
            do {
                frame = try arrived.next(AggregatorFrame.init(decoding:))
            } catch {
                throw unexpected()
            }
            if case .closing(let reason) = frame {
                throw .unavailable(
                    "the aggregator at \(path) closes the connection: \(reason.escapedForTerminal)")
            }
            if let frame { return frame }
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .unavailable(
                    "the aggregator at \(path) ended the connection before it said that all was done; does its "
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
