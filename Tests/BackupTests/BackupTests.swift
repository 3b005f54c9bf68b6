import Foundation
import GRDB
import Testing
import TestSupport

@testable import Backup

@Suite("Backing up")
struct BackupTests {
    private let directory: DataDirectoryUnderTest

    init() throws {
        directory = try DataDirectoryUnderTest()
    }

    @Test("copies what is durable and what is counted while both files are in use, for its owner alone")
    func copies() async throws {
        try await directory.fold(1...2, to: try directory.commit(1...2))
        try directory.commit(3...5)
        try directory.write("\(String(repeating: "0", count: 31))7\n", to: "subject.epoch")
        let backup = try await directory.backUp()
        #expect(backup.path == "\(directory.backups)/2026-09-21T14-13-20Z")
        #expect(backup.contents.lastSequence == 2 && backup.contents.countedSequence == 1)
        #expect(backup.contents.commits == 2 && backup.contents.records == 5)
        #expect(backup.contents.lastMilliseconds == 1_790_000_000_000)
        #expect(backup.contents.epoch?.value == 7)
        #expect(
            try DataDirectoryUnderTest.names(in: backup.path) == ["journal.sqlite", "store.sqlite", "subject.epoch"])
        #expect(DataDirectoryUnderTest.access(to: directory.backups).first == 0o700)
        #expect(DataDirectoryUnderTest.access(to: backup.path).first == 0o700)
        for name in try DataDirectoryUnderTest.names(in: backup.path) {
            #expect(DataDirectoryUnderTest.access(to: "\(backup.path)/\(name)").first == 0o600, "\(name)")
        }
        // Whoever is in use goes on.
        try await directory.fold(3...5, to: directory.journal.lastPosition)
        try directory.commit(6...6)
        #expect(try await directory.places() == [2, 3])
    }

    @Test("keeps what a file says of itself: the numbers given out, and that it gives room back")
    func properties() async throws {
        for number in 1...3 as ClosedRange<UInt128> { try directory.commit(number...number) }
        let backup = try await directory.backUp()
        for name in ["journal", "store"] {
            #expect(try Self.spareRoom(of: "\(backup.path)/\(name).sqlite") == 2, "\(name)")
        }
    }

    private static func spareRoom(of path: String) throws -> Int? {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") }
    }

    @Test(
        "of a store ahead of its journal, or of another one, there is no backup, and those before stay",
        arguments: [0, 1])
    func mismatch(kind: Int) async throws {
        let first = try directory.commit(1...1)
        try await directory.fold(1...1, to: first)
        let earlier = try await directory.backUp()
        let before = try DataDirectoryUnderTest.snapshot(of: directory.backups)
        let other = try DataDirectoryUnderTest()
        try other.commit(1...1)
        if kind == 1 { try await other.fold(1...1, to: try other.commit(2...2)) }
        try directory.stop()
        try other.stop()
        let file = kind == 0 ? "journal.sqlite" : "store.sqlite"
        try FileManager.default.removeItem(atPath: "\(directory.data)/\(file)")
        try FileManager.default.copyItem(atPath: "\(other.data)/\(file)", toPath: "\(directory.data)/\(file)")
        let error = await #expect(throws: BackupError.self) { try await directory.backUp(atSecond: 1) }
        guard case .damaged(let reason) = error else { throw try #require(error) }
        #expect(reason.hasPrefix("\(directory.data)/store.sqlite: the store belongs to another journal"), "\(reason)")
        #expect(try DataDirectoryUnderTest.snapshot(of: directory.backups) == before)
        #expect(try DataDirectoryUnderTest.names(in: directory.backups) == [String(earlier.path.suffix(20))])
    }

    @Test(
        "of a file that is damaged there is no backup, and those before stay",
        arguments: ["journal.sqlite", "store.sqlite"])
    func damaged(name: String) async throws {
        for number in 1...200 as ClosedRange<UInt128> {
            try await directory.fold(number...number, to: try directory.commit(number...number))
        }
        _ = try await directory.backUp()
        let before = try DataDirectoryUnderTest.snapshot(of: directory.backups)
        try directory.stop()
        try damage("\(directory.data)/\(name)")
        await #expect(throws: BackupError.self) { try await directory.backUp(atSecond: 1) }
        #expect(try DataDirectoryUnderTest.snapshot(of: directory.backups) == before)
    }

    @Test("does not take a log that an aggregator left damaged for a torn end")
    func damagedLog() async throws {
        for number in 1...20 as ClosedRange<UInt128> { try directory.commit(number...number) }
        let crashed = try directory.crashed()
        #expect(try await crashed.backUp().contents.lastSequence == 20)
        try damage("\(crashed.data)/journal.sqlite-wal")
        let error = await #expect(throws: BackupError.self) { try await crashed.backUp(atSecond: 1) }
        #expect("\(try #require(error))".contains("is damaged before the last commit in it"))
    }

    @Test(
        "does not open a file that is cut off, for which SQLite would delete the log and the commits in it",
        arguments: ["journal.sqlite", "store.sqlite"])
    func cutOff(name: String) async throws {
        try directory.commit(1...1)
        let crashed = try directory.crashed()
        try Data().write(to: URL(fileURLWithPath: "\(crashed.data)/\(name)"))
        let before = try Data(contentsOf: URL(fileURLWithPath: "\(crashed.data)/\(name)-wal"))
        #expect(!before.isEmpty)
        let error = await #expect(throws: BackupError.self) { try await crashed.backUp() }
        #expect("\(try #require(error))".contains("\(name): is cut off at its beginning"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(crashed.data)/\(name)-wal")) == before)
    }

    @Test("keeps as many as are asked for, the last one always, and nothing but backups goes")
    func keeping() async throws {
        try directory.commit(1...1)
        _ = try await directory.backUp(atSecond: 0)
        try FileManager.default.createDirectory(
            atPath: "\(directory.backups)/other", withIntermediateDirectories: false)
        for second in 1...3 as ClosedRange<Int64> { _ = try await directory.backUp(keeping: 3, atSecond: second) }
        let names = try DataDirectoryUnderTest.names(in: directory.backups)
        #expect(names == ["2026-09-21T14-13-21Z", "2026-09-21T14-13-22Z", "2026-09-21T14-13-23Z", "other"])
        // The clock went back.
        let last = try await directory.backUp(keeping: 1, atSecond: -60)
        #expect(try last.removal.get() == 3)
        #expect(try DataDirectoryUnderTest.names(in: directory.backups) == ["2026-09-21T14-12-20Z", "other"])
    }

    @Test(
        "one that was made under a clock ahead goes before those that are of their time, and is not taken for the latest"
    )
    func ahead() async throws {
        try directory.commit(1...1)
        let year = 365 * 86_400 as Int64
        let wrong = try await directory.backUp(keeping: 2, atSecond: 100 * year).path
        _ = try await directory.backUp(keeping: 2, atSecond: 0)
        let right = try await directory.backUp(keeping: 2, atSecond: 1).path
        let names = try DataDirectoryUnderTest.names(in: directory.backups)
        #expect(names == ["2026-09-21T14-13-20Z", "2026-09-21T14-13-21Z"], "\(wrong)")
        _ = try await directory.backUp(keeping: 3, atSecond: 100 * year)
        #expect(try BackupPlace.backup(at: directory.backups) == right)
    }

    @Test("two within a second get names of their own")
    func sameSecond() async throws {
        try directory.commit(1...1)
        let paths = [try await directory.backUp().path, try await directory.backUp().path]
        #expect(paths.map { $0.suffix(4) } == ["-20Z", "-21Z"])
    }

    @Test("goes on over what one that was ended midway has left")
    func leftOver() async throws {
        try directory.commit(1...1)
        let left = "\(directory.backups)/incomplete"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(fileURLWithPath: "\(left)/store.sqlite"))
        _ = try await directory.backUp()
        #expect(try DataDirectoryUnderTest.names(in: directory.backups).count == 1)
        // What nobody here has made is not removed.
        try FileManager.default.createDirectory(atPath: "\(left)/mine", withIntermediateDirectories: true)
        let error = await #expect(throws: BackupError.self) { try await directory.backUp() }
        #expect("\(try #require(error))".contains("incomplete: cannot be removed"))
    }

    @Test("is made by one process at a time")
    func exclusion() async throws {
        try directory.commit(1...1)
        let place = try BackupPlace(path: directory.backups, outside: directory.data)
        let error = await #expect(throws: BackupError.self) { try await directory.backUp() }
        guard case .busy = error else { throw try #require(error) }
        withExtendedLifetime(place) {}
    }

    @Test(
        "a place that cannot serve is refused, and nothing is left of the try",
        arguments: [
            ("data/backups", "is inside the data directory"), ("data", "is inside the data directory"),
            ("link", "is inside the data directory"), ("nowhere/backups", "cannot be written to by the user"),
            ("shared", "another user may write to it"), ("file", "cannot be opened as a directory"),
        ])
    func places(name: String, reason: String) async throws {
        let above = URL(fileURLWithPath: directory.data).deletingLastPathComponent().path
        try FileManager.default.createSymbolicLink(atPath: "\(above)/link", withDestinationPath: directory.data)
        try Data().write(to: URL(fileURLWithPath: "\(above)/file"))
        mkdir("\(above)/shared", 0o700)
        chmod("\(above)/shared", 0o777)
        let error = #expect(throws: BackupError.self) {
            try BackupPlace(path: "\(above)/\(name)", outside: directory.data)
        }
        #expect("\(try #require(error))".contains(reason), "\(String(describing: error))")
        #expect(!FileManager.default.fileExists(atPath: "\(directory.data)/backups"))
    }

    @Test("without a data directory, or an aggregator's files in it, it says so")
    func nothing() async throws {
        let place = try BackupPlace(path: directory.backups, outside: directory.data)
        for (data, reason) in [("/nowhere/data", "there is no such data directory"), ("/var", "nothing to back up")] {
            let error = await #expect(throws: BackupError.self) {
                try await Backup.make(of: data, in: place, keeping: 1, nowMilliseconds: 0)
            }
            #expect("\(try #require(error))".contains(reason), "\(String(describing: error))")
        }
        #expect(try DataDirectoryUnderTest.names(in: directory.backups) == [])
    }

    @Test("by root leaves a stopped aggregator's directory with nothing that is root's", .enabled(if: getuid() == 0))
    func owner() async throws {
        try directory.commit(1...1)
        try directory.stop()
        for name in [""] + (try DataDirectoryUnderTest.names(in: directory.data)) {
            chown("\(directory.data)/\(name)", 12_345, 12_345)
        }
        _ = try await directory.backUp()
        for name in try DataDirectoryUnderTest.names(in: directory.data) {
            #expect(
                DataDirectoryUnderTest.access(to: "\(directory.data)/\(name)").suffix(2) == [12_345, 12_345], "\(name)")
        }
        try directory.start()
        #expect(try await directory.places() == [0, 1])
    }
}
