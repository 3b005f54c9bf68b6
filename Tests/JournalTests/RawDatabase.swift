import Foundation
import GRDB

/// A connection beside the journal's own, for tests that change what is stored behind its back.
struct RawDatabase {
    private let queue: DatabaseQueue

    init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    func execute(_ sql: String) throws {
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    func blobs(_ sql: String) throws -> [Data] {
        try queue.read { try Data.fetchAll($0, sql: sql) }
    }

    /// Runs `body` while this connection reads what there is now.
    func reading(_ body: () throws -> Void) throws {
        try queue.inTransaction(.deferred) { database in
            _ = try Row.fetchOne(database, sql: "SELECT count(*) FROM commits")
            try body()
            return .rollback
        }
    }

    /// Runs `body` while this connection is about to write.
    func holdingWriteLock(_ body: () throws -> Void) throws {
        try queue.inTransaction(.immediate) { _ in
            try body()
            return .rollback
        }
    }
}
