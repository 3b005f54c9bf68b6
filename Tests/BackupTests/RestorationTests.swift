import Foundation
import Journal
import Testing
import TestSupport

@testable import Backup

@Suite("Restoring")
struct RestorationTests {
    private static let epochs = ["7", "8"].map { String(repeating: "0", count: 31) + $0 + "\n" }

    private let directory: DataDirectoryUnderTest

    /// A backup of two commits, one of which is counted, and an aggregator that went on to three.
    init() async throws {
        directory = try DataDirectoryUnderTest()
        try await directory.fold(1...2, to: try directory.commit(1...2))
        try directory.commit(3...5)
        try directory.write(Self.epochs[0], to: "subject.epoch")
        _ = try await directory.backUp()
        try directory.write(Self.epochs[1], to: "subject.epoch")
        try await directory.fold(3...5, to: directory.journal.lastPosition)
        try directory.commit(6...6)
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(directory.data)/\(name)", encoding: .utf8)
    }

    @Test("puts a backup in place, and what was there aside, from where it can be restored, too")
    func exchange() async throws {
        try directory.stop()
        let restoration = try await directory.restore()
        #expect(restoration.source == "\(directory.backups)/2026-09-21T14-13-20Z")
        #expect(restoration.contents.lastSequence == 2 && restoration.contents.countedSequence == 1)
        #expect(restoration.contents.epoch?.value == 7)
        let replaced = try #require(restoration.replaced)
        #expect(replaced == "\(directory.data)/replaced-2026-09-21T14-13-20Z")
        #expect(
            try DataDirectoryUnderTest.names(in: directory.data).filter { $0 != "lock" }
                == [
                    "journal.sqlite", URL(fileURLWithPath: replaced).lastPathComponent, "store.sqlite", "subject.epoch",
                ])
        #expect(try text("subject.epoch") == Self.epochs[0])
        try directory.start()
        #expect(try await directory.places() == [1, 2])
        try directory.stop()
        let back = try await directory.restore(from: replaced)
        #expect(back.contents.lastSequence == 3)
        #expect(try text("subject.epoch") == Self.epochs[1])
        #expect(back.replaced == "\(directory.data)/replaced-2026-09-21T14-13-21Z")
        try directory.start()
        #expect(try await directory.places() == [2, 3])
    }

    @Test("leaves the backup as it was, to the last byte")
    func backupUntouched() async throws {
        try directory.stop()
        let before = try DataDirectoryUnderTest.snapshot(of: directory.backups)
        _ = try await directory.restore()
        #expect(try DataDirectoryUnderTest.snapshot(of: directory.backups) == before)
    }

    @Test("is refused while an aggregator runs, and nothing has changed")
    func running() async throws {
        let before = try DataDirectoryUnderTest.names(in: directory.data)
        let error = await #expect(throws: BackupError.self) { try await directory.restore() }
        guard case .busy = error else { throw try #require(error) }
        #expect("\(try #require(error))".contains("systemctl stop rule-outcomes-aggregator"))
        #expect(try DataDirectoryUnderTest.names(in: directory.data) == before)
    }

    @Test("is refused while a backup is made there, which might be of the one that is removed")
    func backingUp() async throws {
        try directory.stop()
        let place = try BackupPlace(path: directory.backups, outside: directory.data)
        let error = await #expect(throws: BackupError.self) { try await directory.restore() }
        guard case .busy = error else { throw try #require(error) }
        withExtendedLifetime(place) {}
    }

    @Test(
        "a backup that is not whole is refused before anything is touched",
        arguments: [
            "journal missing", "store missing", "journal empty", "journal damaged", "store damaged", "other journal",
            "other file", "epoch damaged", "pipe", "link",
        ])
    func notWhole(fault: String) async throws {
        let backup = "\(directory.backups)/2026-09-21T14-13-20Z"
        let file = "\(backup)/\(fault.hasPrefix("store") ? "store" : "journal").sqlite"
        switch fault {
        case "journal missing", "store missing": unlink(file)
        case "journal empty": truncate(file, 0)
        case "journal damaged", "store damaged": try damage(file)
        case "other file": try Data("SQLite format 4".utf8).write(to: URL(fileURLWithPath: file))
        case "epoch damaged": try Data("7\n".utf8).write(to: URL(fileURLWithPath: "\(backup)/subject.epoch"))
        case "link":
            rename(file, "\(directory.backups)/file")
            symlink("\(directory.backups)/file", file)
        case "pipe":
            unlink(file)
            mkfifo(file, 0o600)
        default:
            let other = try DataDirectoryUnderTest()
            try other.commit(1...1)
            try other.stop()
            unlink(file)
            try FileManager.default.copyItem(atPath: "\(other.data)/journal.sqlite", toPath: file)
        }
        try directory.stop()
        let before = try DataDirectoryUnderTest.snapshot(of: directory.data)
        let error = await #expect(throws: BackupError.self) { try await directory.restore() }
        #expect(!"\(try #require(error))".contains("restoring/"), "\(String(describing: error))")
        #expect("\(try #require(error))".contains(backup), "\(String(describing: error))")
        #expect(try DataDirectoryUnderTest.snapshot(of: directory.data) == before)
    }

    @Test("an epoch of before does not stay beside a backup that has none")
    func withoutEpoch() async throws {
        unlink("\(directory.backups)/2026-09-21T14-13-20Z/subject.epoch")
        try directory.stop()
        let restoration = try await directory.restore()
        #expect(!FileManager.default.fileExists(atPath: "\(directory.data)/subject.epoch"))
        #expect(FileManager.default.fileExists(atPath: "\(try #require(restoration.replaced))/subject.epoch"))
    }

    @Test("takes what a snapshot of an aggregator's files has, with the commits in its log")
    func snapshot() async throws {
        let snapshot = "\(directory.backups)/snapshot"
        try FileManager.default.createDirectory(atPath: snapshot, withIntermediateDirectories: false)
        for name in try DataDirectoryUnderTest.names(in: directory.data) {
            try FileManager.default.copyItem(atPath: "\(directory.data)/\(name)", toPath: "\(snapshot)/\(name)")
        }
        #expect(FileManager.default.fileExists(atPath: "\(snapshot)/journal.sqlite-wal"))
        try directory.stop()
        #expect(try await directory.restore(from: snapshot).contents.lastSequence == 3)
        try damage("\(snapshot)/journal.sqlite-wal")
        await #expect(throws: BackupError.self) { try await directory.restore(from: snapshot) }
    }

    @Test("into a directory without files moves nothing aside")
    func empty() async throws {
        let other = try DataDirectoryUnderTest()
        try other.stop()
        for name in try DataDirectoryUnderTest.names(in: other.data) { unlink("\(other.data)/\(name)") }
        let restoration = try await Restoration.make(from: directory.backups, into: other.data, nowMilliseconds: 0)
        #expect(restoration.replaced == nil)
        try other.start()
        #expect(try await other.places() == [1, 2])
    }

    @Test("of a place without backups, or none at all, or without a data directory, it says so")
    func nothing() async throws {
        try directory.stop()
        for (source, data, reason) in [
            ("/nowhere/backups", directory.data, "there is no such directory"),
            ("/var", directory.data, "holds no backup"),
            (directory.backups, "/nowhere/data", "there is no such data directory"),
        ] {
            let error = await #expect(throws: BackupError.self) {
                try await Restoration.make(from: source, into: data, nowMilliseconds: 0)
            }
            #expect("\(try #require(error))".contains(reason), "\(String(describing: error))")
        }
    }

    @Test("tells a clock that an aggregator would not believe")
    func clock() async throws {
        try directory.stop()
        let restoration = try await directory.restore()
        let (last, day) = (1_790_000_000_000 as Int64, 86_400_000 as Int64)
        #expect(
            [-2, -1, 0, 31, 32].map { restoration.needsTrust(inClockAt: last + $0 * day) } == [
                true, false, false, false, true,
            ])
    }
}
