import HTTPRequests
import Storage

/// How one ClickHouse server is reached by its HTTP interface.
public struct ClickHouseAddress: Hashable, Sendable {
    /// `http` or `https`, host and port: `https://clickhouse-1.example:8443`.
    public let url: String
    /// The database that holds the tables. It consists of letters, digits and underscores.
    public let database: String
    public let user: String
    /// Empty for none.
    public let password: String

    public init(url: String, database: String, user: String = "default", password: String = "") {
        self.url = url
        self.database = database
        self.user = user
        self.password = password
    }
}

/// One ClickHouse server: a place for rows, and for questions about them.
struct ClickHouseServer: Sendable {
    /// A report over all of a shard takes no longer than this, or is given up.
    private static let timeoutSeconds = 60
    /// For so long parts may be rewritten that rows are deleted from.
    private static let deletionMax = Duration.seconds(600)
    /// What an answer may hold in memory.
    private static let answerBytesMax = 256 * 1024 * 1024

    let address: ClickHouseAddress
    private let client: HTTPClient

    /// As errors name it. Nothing in it is secret.
    var name: String { "\(address.url)/\(address.database)" }

    init(_ address: ClickHouseAddress, client: HTTPClient) {
        self.address = address
        self.client = client
    }

    /// The rows that a query gives, in RowBinary.
    func rows(_ query: String) async throws(StorageError) -> RowBinaryReader {
        RowBinaryReader(try await send([UInt8]((query + " FORMAT RowBinary").utf8)), store: name)
    }

    /// Adds rows to a table. All of them, or none: of fewer than a million rows ClickHouse makes one part.
    func insert(_ rows: RowBinary, into table: String) async throws(StorageError) {
        guard !rows.bytes.isEmpty else { return }
        _ = try await send(rows.bytes, query: "INSERT INTO \(table) FORMAT RowBinary")
    }

    /// Does something that gives no rows.
    func run(_ statement: String) async throws(StorageError) {
        _ = try await send([UInt8](statement.utf8))
    }

    /// Removes rows for good, which rewrites the parts they are in; returns once it is done.
    func delete(from table: String, where condition: String) async throws(StorageError) {
        try await run("ALTER TABLE \(table) DELETE WHERE \(condition)")
        let start = ContinuousClock.now
        var wait = Duration.milliseconds(5)
        while try await isMutating(table) {
            do {
                try await Task.sleep(for: wait)
            } catch {
                throw .cancelled(store: name)
            }
            wait = min(wait * 2, .milliseconds(500))
            guard start.duration(to: .now) < Self.deletionMax else {
                throw .unavailable(
                    store: name,
                    reason: "rows of the table \(table) are not deleted yet, which system.mutations tells of; "
                        + "this goes on by itself")
            }
        }
    }

    private func isMutating(_ table: String) async throws(StorageError) -> Bool {
        var rows = try await rows(
            """
            SELECT toInt64(count()) FROM system.mutations
            WHERE database = '\(address.database)' AND table = '\(table)' AND NOT is_done
            """)
        return try rows.integer() > 0
    }

    private func send(_ body: [UInt8], query: String? = nil) async throws(StorageError) -> [UInt8] {
        // An answer begins once it is whole, so that its status holds for all of it.
        var url = "\(address.url)/?database=\(address.database)&wait_end_of_query=1"
        if let query { url += "&query=\(query.split(separator: " ").joined(separator: "%20"))" }
        var request = HTTPRequest(
            url: url, method: "POST", timeoutSeconds: Self.timeoutSeconds, answerBytesMax: Self.answerBytesMax)
        request.headers.add("X-ClickHouse-User", address.user)
        if !address.password.isEmpty { request.headers.add("X-ClickHouse-Key", address.password) }
        request.body = body
        let response: HTTPResponse
        do {
            response = try await client.send(request)
        } catch {
            throw error == .cancelled
                ? .cancelled(store: name)
                : .unavailable(store: name, reason: "\(error.description); \(ServerRefusal.remedy)")
        }
        guard response.status == 200 else { throw ServerRefusal(response).error(store: name) }
        return response.body
    }
}

/// What ClickHouse answers in place of rows: `Code: 60, e.displayText() = DB::Exception: …`. What follows the number may quote
/// the query, in which subjects stand, so it is shown to nobody.
private struct ServerRefusal {
    static let remedy = "counting goes on by itself once ClickHouse answers"

    private let status: Int
    private let code: Int?

    init(_ response: HTTPResponse) {
        status = response.status
        let prefix = [UInt8]("Code: ".utf8)
        let digits = response.body.starts(with: prefix) ? response.body.dropFirst(prefix.count).prefix(9) : []
        code = Int(String(decoding: digits.prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
    }

    func error(store: String) -> StorageError {
        switch code {
        case 60, 81:
            .unusable(store: store, reason: "the database or a table of it is missing")
        case 192, 193, 194, 516:
            .unusable(store: store, reason: "ClickHouse does not know the user, or takes another password")
        case 497, 164:
            .unusable(store: store, reason: "the user may not do what is asked for: ClickHouse's code \(code ?? 0)")
        case 243: .full(store: store)
        // Timeouts, memory that others use, replicas that are away, and whatever else there is: none of it has to end a process
        // whose journal keeps what is not counted.
        case .some(let code):
            .unavailable(
                store: store,
                reason: "ClickHouse refuses with its code \(code), which its own log explains; \(Self.remedy)")
        case nil:
            .unavailable(
                store: store, reason: "an answer of HTTP status \(status) is not one of ClickHouse; \(Self.remedy)")
        }
    }
}
