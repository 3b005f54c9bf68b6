import Foundation
import GRDB
import Journal
import TestSupport

extension TemporaryDirectory {
    var journal: String {
        path + "/journal.sqlite"
    }

    /// A copy of the journal and its log as they are on disk now: what a crash at this moment would leave.
    func crashImage() throws -> TemporaryDirectory {
        let image = try TemporaryDirectory()
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: journal + suffix) {
            try FileManager.default.copyItem(atPath: journal + suffix, toPath: image.journal + suffix)
        }
        return image
    }
}

/// Changes a file's bytes in place.
func editFile(_ path: String, _ edit: (inout Data) throws -> Void) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    try edit(&data)
    try data.write(to: URL(fileURLWithPath: path))
}

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

extension Journal {
    /// Adds a commit at a time that does not matter.
    @discardableResult
    func append(batch: [UInt8], recordCount: Int) throws(JournalError) -> JournalPosition {
        try append(batch: batch, recordCount: recordCount, nowMilliseconds: 1_700_000_000_000)
    }
}
