import Glibc
import Synchronization

/// Asks for the key sets that sites name by a URL to be fetched before their time, where a token names a key that they lack.
///
/// The responder has no network. It writes a file, which a path unit of systemd's waits for.
final class EarlyFetch: Sendable {
    private static let fileName = "keys-wanted"
    /// Whoever likes can name keys that nobody has, and a publisher is not to be asked as often as that.
    private static let intervalMilliseconds: Int64 = 300_000

    private let path: String
    private let lastMilliseconds = Mutex<Int64?>(nil)

    /// - Parameter directory: one of this process's own, such as systemd makes for `RuntimeDirectory=`.
    init(in directory: String) {
        path = "\(directory)/\(Self.fileName)"
    }

    /// Where systemd has made such a directory: systemd.exec(5) says by which variable it tells. Nil where it has not.
    static func bySystemd() -> EarlyFetch? {
        guard let directories = getenv("RUNTIME_DIRECTORY").map({ String(cString: $0) }) else { return nil }
        return directories.split(separator: ":").first.map { EarlyFetch(in: String($0)) }
    }

    enum Outcome: Equatable {
        case asked
        /// Five minutes have not passed.
        case tooSoon
        /// The file cannot be made, for this reason.
        case failed(path: String, reason: String)
    }

    /// Asks, once in five minutes at most.
    func ask(nowMilliseconds: Int64) -> Outcome {
        let isTime = lastMilliseconds.withLock { last in
            if let last, nowMilliseconds - last < Self.intervalMilliseconds { return false }
            last = nowMilliseconds
            return true
        }
        guard isTime else { return .tooSoon }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return .failed(path: path, reason: String(cString: strerror(errno))) }
        close(descriptor)
        return .asked
    }
}
