import Glibc
import Logging
import Records
import Synchronization

/// Which subject secret visitors are counted under. One that was changed by mistake, such as a file that was restored
/// without its newline, would make every visitor a new one; it is refused, until the operator says that it is meant.
///
/// A file in the data directory holds the epoch, which stands for the secret and tells nothing of it: a store that is made
/// anew must not forget it. Where the operator means a change the file says that one is awaited, until it has come.
public final class CurrentEpoch: Sendable {
    private struct State {
        /// nil where no responder has brought records yet.
        var current: SubjectEpoch?
        /// Those that there were before, too.
        var known: Set<SubjectEpoch>
        var mayChange: Bool
    }

    private let path: String
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - path: the file; it need not be there.
    ///   - stored: the epochs that the store knows, in the order in which they began.
    ///   - mayChange: whether the next one that is another is meant.
    public init(path: String, stored: [SubjectEpoch], mayChange: Bool = false, logger: Logger) throws {
        self.path = path
        self.logger = logger
        let mark = try Self.read(path)
        let current = mark?.epoch ?? stored.last
        let isAwaited = mayChange || mark?.isAwaited == true
        state = Mutex(State(current: current, known: Set(stored + [current].compactMap { $0 }), mayChange: isAwaited))
        if mayChange {
            write(Self.awaited)
        } else if mark == nil, let current {
            write(Self.line(current))
        }
    }

    /// Why a peer of that epoch is not let in; nil where it is. One of an earlier epoch is: an operator's tool erases
    /// visitors who came then.
    func refusal(ofPeer epoch: SubjectEpoch) -> String? {
        state.withLock { state in
            state.current == nil || state.mayChange || state.known.contains(epoch) ? nil : Self.refusal
        }
    }

    /// Why records of that epoch are not taken; nil where they are, and then it is the current one.
    func refusal(ofRecords epoch: SubjectEpoch) -> String? {
        let (isAdmitted, isNew) = state.withLock { state in
            guard state.current != epoch else { return (true, false) }
            guard state.current == nil || state.mayChange else { return (false, false) }
            state.mayChange = false
            state.current = epoch
            state.known.insert(epoch)
            return (true, true)
        }
        if isNew { write(Self.line(epoch)) }
        return isAdmitted ? nil : Self.refusal
    }

    private static let refusal =
        "its subject secret is not the one that visitors are counted under, and all would count anew; restore that file, to "
        + "the last newline; if the change is meant, start the aggregator once with --new-subject-secret"

    private static let awaited = "new\n"

    /// The digits of 16 bytes, and a newline.
    private static func line(_ epoch: SubjectEpoch) -> String {
        let digits = String(epoch.value, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits + "\n"
    }

    /// Nil where there is no file.
    private static func read(_ path: String) throws -> (epoch: SubjectEpoch?, isAwaited: Bool)? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw RecoveryError.epochUnreadable(file: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        if text == awaited { return (nil, true) }
        guard text.hasSuffix("\n"), let id = RecordID(hex: String(text.dropLast())) else {
            throw RecoveryError.epochUnreadable(file: path, reason: "it does not hold 32 hexadecimal digits")
        }
        return (SubjectEpoch(id.value), false)
    }

    /// Whole or not at all. Where it cannot be written the store's knowledge has to do.
    private func write(_ text: String) {
        let line = Array(text.utf8)
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        var isWritten = descriptor >= 0 && Glibc.write(descriptor, line, line.count) == line.count
        isWritten = isWritten && fsync(descriptor) == 0
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, rename(new, path) == 0 else {
            let reason = String(cString: strerror(errno))
            return logger.error(
                "\(path): cannot be written (\(reason)), so a changed subject secret may not be noticed")
        }
    }
}
