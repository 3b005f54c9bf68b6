import Aggregator
import Foundation
import Journal
import Records
import SQLiteStorage
import Storage
import TestSupport

@testable import Backup

/// A data directory as an aggregator has it, beside a place for backups.
final class DataDirectoryUnderTest {
    private let directory: TemporaryDirectory
    private(set) var journal: Journal
    private(set) var store: SQLiteOutcomeStore
    private var lock: DataDirectoryLock?

    /// Both are open, and the directory is locked.
    init() throws {
        directory = try TemporaryDirectory()
        let data = "\(directory.path)/data"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
        lock = try DataDirectoryLock(directory: data)
        journal = try Journal(path: "\(data)/journal.sqlite")
        store = try SQLiteOutcomeStore(path: "\(data)/store.sqlite")
    }

    var data: String { "\(directory.path)/data" }
    var backups: String { "\(directory.path)/backups" }

    /// Commits a record of each of these visitors, in one commit.
    @discardableResult
    func commit(_ visitors: ClosedRange<UInt128>, nowMilliseconds: Int64 = 1_790_000_000_000) throws -> JournalPosition
    {
        var bytes: [UInt8] = []
        for record in visitors.map(Self.record) { record.encode(into: &bytes) }
        return try journal.append(batch: bytes, recordCount: visitors.count, nowMilliseconds: nowMilliseconds)
    }

    /// Counts one more commit, of these visitors.
    func fold(_ visitors: ClosedRange<UInt128>, to position: JournalPosition) async throws {
        try await store.fold(
            RecordBatch(visitors.map(Self.record)), declared: DeclaredNames(sites: [:]),
            advancingTo: FoldPosition(
                journalID: journal.identity.value, sequence: position.sequence, checksum: position.checksum),
            over: .zero)
    }

    private static func record(_ number: UInt128) -> Record {
        Record(
            id: RecordID(number), timeMilliseconds: 1_790_000_000_000, subject: Subject(number), site: "default",
            event: .conversion(Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED")))
    }

    func stop() throws {
        try store.close()
        try journal.close()
        lock = nil
    }

    func start() throws {
        lock = try DataDirectoryLock(directory: data)
        journal = try Journal(path: "\(data)/journal.sqlite")
        store = try SQLiteOutcomeStore(path: "\(data)/store.sqlite")
    }

    /// Another one, with what a crash at this moment would leave of this one; nobody uses it.
    func crashed() throws -> DataDirectoryUnderTest {
        let other = try DataDirectoryUnderTest()
        try other.stop()
        for name in try Self.names(in: data) where !name.hasSuffix("-shm") && name != "lock" {
            try? FileManager.default.removeItem(atPath: "\(other.data)/\(name)")
            try FileManager.default.copyItem(atPath: "\(data)/\(name)", toPath: "\(other.data)/\(name)")
        }
        return other
    }

    /// Where a start of the aggregator goes on: the store's place and the journal's.
    func places() async throws -> [Int64] {
        let recovered = try await Recovery(journal: journal, store: store, storePath: store.path)
        return [recovered.folded.sequence, journal.lastPosition.sequence]
    }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(data)/\(name)", atomically: false, encoding: .utf8)
    }

    func backUp(keeping count: Int = 3, atSecond second: Int64 = 0) async throws(BackupError) -> Backup {
        let place = try BackupPlace(path: backups, outside: data)
        return try await Backup.make(
            of: data, in: place, keeping: count, nowMilliseconds: 1_790_000_000_000 + second * 1000)
    }

    func restore(from path: String? = nil) async throws(BackupError) -> Restoration {
        try await Restoration.make(from: path ?? backups, into: data, nowMilliseconds: 1_790_000_000_000)
    }

    /// What is in a directory, with the content of files.
    static func snapshot(of directory: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            files[name] = FileManager.default.contents(atPath: "\(directory)/\(name)") ?? Data()
        }
        return files
    }

    static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    /// Mode and owner.
    static func access(to path: String) -> [UInt32] {
        var status = stat()
        guard lstat(path, &status) == 0 else { return [] }
        return [status.st_mode & 0o7777, status.st_uid, status.st_gid]
    }
}

/// Writes over some bytes in the middle of a file.
func damage(_ path: String) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: try file.seekToEnd() / 2)
    try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
    try file.close()
}
