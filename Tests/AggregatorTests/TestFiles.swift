import GRDB
import TestSupport

extension TemporaryDirectory {
    var journal: String { path + "/journal.sqlite" }
    var store: String { path + "/store.sqlite" }
    var socket: String { path + "/aggregator.sock" }
}

/// A SQLite file that another connection is about to write to, until it is let go.
struct HeldDatabase {
    private let queue: DatabaseQueue

    init(path: String) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Reads the state that there is now until it is let go, instead.
    func read() throws {
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN")
            _ = try Row.fetchAll(database, sql: "SELECT count(*) FROM sqlite_schema")
        }
    }

    func hold() throws {
        try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    }

    func release() throws {
        try queue.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    }
}
