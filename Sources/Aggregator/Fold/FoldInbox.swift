import DequeModule
import Journal
import Records
import Storage
import Synchronization

/// What is handed to the fold beside the journal, and the signal that there is something.
public final class FoldInbox: Sendable {
    /// How many erasures may wait for their turn. Each takes both files once through, and an operator gives few.
    static let erasuresMax = 16
    /// The same of what is to be tidied.
    static let tidyingsMax = 16

    private struct State {
        var commits = FreshCommits()
        var erasures = RequestQueue<ErasureRequest>(requestsMax: FoldInbox.erasuresMax)
        var tidyings = RequestQueue<TidyRequest>(requestsMax: FoldInbox.tidyingsMax)
        var epochsKnown: Set<SubjectEpoch> = []
        /// Those that are to be noted, with when each was told first.
        var epochs: [SubjectEpoch: Int64] = [:]
        var answers = PendingAnswers()
    }

    private let state = Mutex(State())
    /// Tells that there is something new. Signals that come while the fold works are one.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    public init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// There are new commits in the journal, or what is declared has changed.
    public func somethingIsNew() {
        signal.yield()
    }

    /// There will be nothing new any more.
    func finish() {
        signal.finish()
    }

    // MARK: Commits

    /// Takes in a commit that is durable, and follows the one before. It is no signal.
    func committed(_ row: JournalRow) {
        state.withLock { $0.commits.append(row) }
    }

    /// Gives up all commits that follow `position`, in order; nil where the next one is not here, and the journal has it.
    func takeCommits(after position: JournalPosition) -> [JournalRow]? {
        state.withLock { $0.commits.take(after: position) }
    }

    // MARK: Erasures

    /// False when too many wait already.
    func submit(_ request: ErasureRequest) -> Bool {
        let isTaken = state.withLock { $0.erasures.submit(request) }
        if isTaken { somethingIsNew() }
        return isTaken
    }

    /// The next one; nil when there is none.
    func takeErasure() -> ErasureRequest? {
        state.withLock { $0.erasures.take() }
    }

    /// Tells all who wait for their turn.
    func tellErasures(_ text: String) {
        for request in state.withLock({ $0.erasures.requests }) { request.progress(text) }
    }

    // MARK: Tidying

    /// False when too many wait already.
    func submit(_ request: TidyRequest) -> Bool {
        let isTaken = state.withLock { $0.tidyings.submit(request) }
        if isTaken { somethingIsNew() }
        return isTaken
    }

    /// The next one; nil when there is none.
    func takeTidying() -> TidyRequest? {
        state.withLock { $0.tidyings.take() }
    }

    /// Tells all who wait for their turn.
    func tellTidyings(_ text: String) {
        for request in state.withLock({ $0.tidyings.requests }) { request.progress(text) }
    }

    // MARK: Epochs

    /// Subjects of an epoch arrive.
    func told(_ epoch: SubjectEpoch, nowMilliseconds: Int64) {
        let isNew = state.withLock { state in
            guard state.epochsKnown.insert(epoch).inserted else { return false }
            state.epochs[epoch] = nowMilliseconds
            return true
        }
        if isNew { somethingIsNew() }
    }

    /// Those that the store may not know yet. Noting one again changes nothing, so whoever fails may forget about it until
    /// the next start: a store that cannot be written to counts nothing either.
    func takeEpochs() -> [SubjectEpoch: Int64] {
        state.withLock { state in
            defer { state.epochs = [:] }
            return state.epochs
        }
    }

    // MARK: Answers

    /// A responder tells what it has answered.
    ///
    /// - Parameter nowMilliseconds: the time of day, since 1970, UTC.
    func told(_ answers: [TallyEntry], nowMilliseconds: Int64) {
        state.withLock { $0.answers.add(answers, quarter: Quarter(containing: nowMilliseconds)) }
        somethingIsNew()
    }

    /// What is to be noted; whoever cannot do it now gives it back.
    func takeAnswers() -> [GivenAnswers] {
        state.withLock { $0.answers.take() }
    }

    func giveBack(_ answers: [GivenAnswers]) {
        state.withLock { $0.answers.add(answers) }
    }
}

/// Requests of one kind that wait for their turn.
private struct RequestQueue<Request: Sendable>: Sendable {
    let requestsMax: Int
    private(set) var requests: [Request] = []

    init(requestsMax: Int) {
        self.requestsMax = requestsMax
    }

    mutating func submit(_ request: Request) -> Bool {
        guard requests.count < requestsMax else { return false }
        requests.append(request)
        return true
    }

    mutating func take() -> Request? {
        requests.isEmpty ? nil : requests.removeFirst()
    }
}

/// The latest commits, until they are folded: what was in memory a moment ago need not be read back and verified. What is
/// not here the journal has.
private struct FreshCommits {
    /// As much as the fold takes from the journal at once. Beyond it the fold is behind, and all are let go of.
    private static let bytesMax = 8 << 20
    /// What one takes besides its batch, about.
    private static let bytesPerCommit = 128

    private var rows = Deque<JournalRow>()
    private var byteCount = 0

    mutating func append(_ row: JournalRow) {
        let byteCount = row.batch.count + Self.bytesPerCommit
        if self.byteCount + byteCount > Self.bytesMax { self = FreshCommits() }
        rows.append(row)
        self.byteCount += byteCount
    }

    mutating func take(after position: JournalPosition) -> [JournalRow]? {
        guard let first = rows.first, first.position.sequence <= position.sequence + 1 else { return nil }
        let following = rows.filter { $0.position.sequence > position.sequence }
        self = FreshCommits()
        return following.isEmpty ? nil : Array(following)
    }
}
