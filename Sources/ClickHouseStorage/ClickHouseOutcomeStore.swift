import HTTPRequests
import Records
import Storage
import Synchronization

/// A store for several aggregators: a database of ClickHouse on each of some servers.
///
/// Each aggregator has a journal of its own, and adds to the same tables what it has counted of that. What it
/// writes says how much there is of something or that something is so, never that there is more of it, so whatever is written twice
/// counts once; see ``Schema``. What is told of subjects lies on the server that their first byte chooses, all else on the
/// first one. So counts of distinct subjects are sums over servers.
///
/// Counts are made when they are asked for.
public final class ClickHouseOutcomeStore: OutcomeStore {
    /// Of the first byte of subjects, 256 values are spread over servers in order.
    private static let firstBytes = 256

    /// To each server. Reports that are read at the same time and folds share them.
    private static let connectionsMax = 16

    let servers: [ClickHouseServer]
    let limits: DimensionLimits
    /// Whatever changes the store waits for its turn: names and sums so far are kept here, and read by the next one.
    private let turns = Turns()
    private let state: Mutex<State>

    struct State {
        /// Whose records are folded here; nil before it is known.
        var journalID: UInt128?
        /// nil where it has not been read, or there was none yet.
        var position: FoldPosition?
        /// nil before it is needed.
        var names: NameTree?
        var namesVersion: Int64 = 0
        var tallies = Tallies()
        /// Folds since the position of which it is not known whether they are stored.
        var attempts: Set<Int64> = []
        var answers = AnswerSums()

        /// The journal's id as a key of settings; empty before it is known.
        var journalKey: String { journalID.map { String($0, radix: 16) } ?? "" }

        /// The journal's number; 0 before it is known.
        var journalNumber: Int64 { journalID.map { Positions.number(ofJournal: $0) } ?? 0 }
    }

    /// As errors name it: the first server.
    var name: String { home.name }

    /// Where all is that is not of subjects.
    var home: ClickHouseServer { servers[0] }

    var settings: Settings { Settings(server: home) }

    /// Opens the store, and creates the tables that are missing.
    ///
    /// - Parameters:
    ///   - addresses: at least one, always in the same order.
    ///   - journalID: the journal whose records are folded; nil for that of the first fold.
    ///   - seconds: for how long new tables keep parts that were replaced, for tests; nil for ClickHouse's own eight minutes.
    public init(
        at addresses: [ClickHouseAddress], limits: DimensionLimits = DimensionLimits(), journalID: UInt128? = nil,
        keepingReplacedParts seconds: Int? = nil
    ) async throws(StorageError) {
        precondition(!addresses.isEmpty, "a store has a server")
        let client = HTTPClient(HTTPClient.Options(connectionsPerHost: Self.connectionsMax))
        servers = addresses.map { ClickHouseServer($0, client: client) }
        self.limits = limits
        state = Mutex(State(journalID: journalID))
        for server in servers { try await Schema.create(on: server, keepingReplacedParts: seconds) }
        try await checkShards()
    }

    /// Each server is the one that it was when its tables were made: a subject would be looked for on another otherwise, and count
    /// there once more.
    private func checkShards() async throws(StorageError) {
        for (index, server) in servers.enumerated() {
            let settings = Settings(server: server)
            let place = "\(index + 1) of \(servers.count)"
            let known: [String: String] = try await settings.all(.shard)
            guard let found = known[""] else {
                try await settings.set(["": place], .shard)
                continue
            }
            guard found == place else {
                throw .unusable(
                    store: server.name,
                    reason: "it is named as server \(place), and was \(found); name all servers in the order in which "
                        + "they were, each once")
            }
        }
    }

    /// The server that has what is told of a subject.
    func shard(of subject: Subject) -> Int {
        Int(truncatingIfNeeded: subject.value >> 120) * servers.count / Self.firstBytes
    }

    /// What `body` gives for each server, all at once, in their order.
    func onEach<Value: Sendable>(
        _ body: @escaping @Sendable (ClickHouseServer) async throws(StorageError) -> Value
    ) async throws(StorageError) -> [Value] {
        let results = await withTaskGroup(of: (Int, Result<Value, StorageError>).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask {
                    do throws(StorageError) {
                        return (index, .success(try await body(server)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [Int: Result<Value, StorageError>]()) { $0[$1.0] = $1.1 }
        }
        var values: [Value] = []
        for index in servers.indices {
            if let value = try results[index]?.get() { values.append(value) }
        }
        return values
    }

    /// Changes the store when no other change is under way. What `body` makes of the state stays, whether it throws or not, so it
    /// changes there what the tables have.
    func change<Value: Sendable>(
        _ body: (inout State) async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        await turns.take()
        defer { turns.giveBack() }
        // Taken out and put back, or each change of it would begin with a copy.
        var taken = state.withLock { state in
            defer { state = State() }
            return state
        }
        defer { state.withLock { [taken] in $0 = taken } }
        return try await body(&taken)
    }

    /// The names that there are, those of other aggregators as well.
    func names(_ state: inout State) async throws(StorageError) -> NameTree {
        let version = try await settings.version(of: .namesDeleted)
        if let names = state.names, version == state.namesVersion { return names }
        return try await reloadNames(&state, version)
    }

    func reloadNames(_ state: inout State, _ version: Int64) async throws(StorageError) -> NameTree {
        let names = try await NameTree(from: home)
        state.names = names
        state.namesVersion = version
        return names
    }

    /// Stores what was added to the names.
    func keep(_ names: NameTree, _ state: inout State) async throws(StorageError) {
        var names = names
        try await home.insert(names.added, into: "name")
        names.addedAreStored()
        state.names = names
    }
}

/// Lets one at a time through, in the order in which they came.
private final class Turns: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func giveBack() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.isTaken = false
            return nil
        }
        next?.resume()
    }
}
