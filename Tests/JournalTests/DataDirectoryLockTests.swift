import Foundation
import Testing
import TestSupport

@testable import Journal

@Suite("The lock on the data directory")
struct DataDirectoryLockTests {
    @Test("a second lock is refused for as long as the first is held")
    func exclusion() throws {
        let directory = try TemporaryDirectory()
        var lock: DataDirectoryLock? = try DataDirectoryLock(directory: directory.path)
        #expect(lock != nil)
        #expect(try refusal(of: directory.path).contains("another aggregator uses this data directory"))
        lock = nil
        _ = try DataDirectoryLock(directory: directory.path)
    }

    @Test("directories of different aggregators do not lock each other out")
    func independence() throws {
        let (one, two) = (try TemporaryDirectory(), try TemporaryDirectory())
        let lock = try DataDirectoryLock(directory: one.path)
        try withExtendedLifetime(lock) { _ = try DataDirectoryLock(directory: two.path) }
    }

    @Test(
        "a directory that cannot be one is refused, saying why",
        arguments: [
            ("/nowhere/data", "no such data directory; create it"),
            ("/dev/null", "must be a directory"),
            ("/dev/null/data", "cannot be looked at"),
            ("/sys/kernel", "cannot be written to"),
        ])
    func impossibleDirectory(path: String, reason: String) throws {
        #expect(try refusal(of: path).contains(reason))
    }

    @Test("a link in the file's place is not followed, and its target stays whose it is", .enabled(if: getuid() == 0))
    func link() throws {
        let directory = try TemporaryDirectory()
        let (data, target) = ("\(directory.path)/data", "\(directory.path)/target")
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
        try Data().write(to: URL(fileURLWithPath: target))
        try FileManager.default.createSymbolicLink(atPath: "\(data)/lock", withDestinationPath: target)
        chown(data, 12_345, 23_456)
        let error = #expect(throws: JournalError.self) { try DataDirectoryLock(directory: data) }
        #expect(try #require(error).description == "\(data)/lock: is a symbolic link; see who made it, and remove it")
        var status = stat()
        #expect(stat(target, &status) == 0 && status.st_uid == 0)
    }

    private func refusal(of directory: String) throws -> String {
        let error = #expect(throws: JournalError.self) { try DataDirectoryLock(directory: directory) }
        let description = try #require(error).description
        #expect(description.hasPrefix("\(directory): "))
        return description
    }
}
