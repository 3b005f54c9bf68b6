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

    private let file: EpochFile
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - path: the file; it need not be there.
    ///   - stored: the epochs that the store knows, in the order in which they began.
    ///   - mayChange: whether the next one that is another is meant.
    public init(path: String, stored: [SubjectEpoch], mayChange: Bool = false, logger: Logger) throws {
        file = EpochFile(path: path)
        self.logger = logger
        let mark = try file.read()
        let current = mark?.epoch ?? stored.last
        let isAwaited = mayChange || mark == .awaited
        state = Mutex(State(current: current, known: Set(stored + [current].compactMap { $0 }), mayChange: isAwaited))
        if mayChange {
            write(.awaited)
        } else if mark == nil, let current {
            write(.current(current))
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
        if isNew { write(.current(epoch)) }
        return isAdmitted ? nil : Self.refusal
    }

    private static let refusal =
        "its subject secret is not the one that visitors are counted under, and all would count anew; restore that file, to "
        + "the last newline: rule-outcomes check says more; if the change is meant, start the aggregator once with "
        + "--new-subject-secret"

    /// Where it cannot be written the store's knowledge has to do.
    private func write(_ mark: EpochFile.Mark) {
        let code = file.write(mark)
        guard code != 0 else { return }
        logger.error(
            "\(file.path): cannot be written (\(String(cString: strerror(code)))), so a changed subject secret may not be noticed"
        )
    }
}
