import Foundation
import Glibc
import Records
import TestSupport

@testable import Journal

/// What holds of a journal whose files were damaged: it is refused, or read as it was. Never are other commits read.
///
/// An input's first byte says which files are damaged: even, those of a journal that was closed; odd, those that a crash left,
/// with every commit in the log. Each four bytes that follow are one flaw: what it does, where (two bytes), and a value.
final class JournalProperties {
    private static let commits = 6
    private static let logHeaderBytes = 32
    private static let frameBytes = 24 + 4096

    private struct Image {
        var main: [UInt8]
        var log: [UInt8]
    }

    private let directory: TemporaryDirectory
    private let path: String
    private let closed: Image
    private let crashed: Image
    private let rows: [JournalRow]
    private let identity: JournalID
    /// Where, in the log, the last commit begins.
    private let lastCommitOffset: Int

    init() throws {
        directory = try TemporaryDirectory()
        path = "\(directory.path)/journal.sqlite"
        let journal = try Journal(path: path)
        var lastCommitOffset = 0
        for number in 1...Self.commits {
            lastCommitOffset = try Self.read(path + "-wal").count
            let batch = Array(repeating: UInt8(number), count: 40 * number)
            try journal.append(batch: batch, recordCount: number, nowMilliseconds: 1_700_000_000_000 + Int64(number))
        }
        rows = try journal.rows(after: journal.start)
        identity = journal.identity
        crashed = Image(main: try Self.read(path), log: try Self.read(path + "-wal"))
        try journal.close()
        closed = Image(main: try Self.read(path), log: [])
        self.lastCommitOffset = lastCommitOffset
        for image in [closed, crashed] {
            try write(image)
            try hold(try readRows() == rows, "what is not damaged reads as it was")
        }
    }

    func check(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let isCrash = first & 1 == 1
        var image = isCrash ? crashed : closed
        let flaws = stride(from: 1, to: min(bytes.count, 33) - 3, by: 4).map { Array(bytes[$0..<$0 + 4]) }
        for flaw in flaws {
            if isCrash, flaw[0] & 0x80 == 0 {
                Self.damage(&image.log, flaw)
            } else {
                Self.damage(&image.main, flaw)
            }
        }
        try write(image)
        let found: [JournalRow]
        do {
            found = try readRows()
        } catch let error as JournalError {
            return try hold(!error.description.isEmpty, "a refusal says why")
        }
        try hold(found == Array(rows.prefix(found.count)), "no other commits are read than those that were made")
        if isAllThere(image, isCrash) {
            let place = "\(found.count) of \(rows.count) read, log of \(crashed.log.count), last at \(lastCommitOffset)"
            try hold(found == rows, "no commit is missing without a word: \(place)")
        }
    }

    /// Whether nothing is damaged where damage is as a crash may leave it: a torn end of the log (`WriteAheadLog`). And of
    /// several flaws in the journal's own file one may hide what another does.
    private func isAllThere(_ image: Image, _ isCrash: Bool) -> Bool {
        guard isCrash else { return Self.differences(image.main, closed.main) <= 1 }
        let (log, whole) = (image.log, crashed.log)
        guard image.main == crashed.main, log.count == whole.count else { return false }
        // Of the frame before the last commit it has to be plain that it ended one. That needs its mark and its checksum, or,
        // without the checksum, all else.
        let before = lastCommitOffset - Self.frameBytes
        let checksum = before + 16..<before + 24
        let needed = [0..<Self.logHeaderBytes, before + 4..<before + 8, lastCommitOffset..<whole.count]
        guard needed.allSatisfy({ log[$0] == whole[$0] }) else { return false }
        return log[checksum] == whole[checksum]
            || (log[..<checksum.lowerBound] == whole[..<checksum.lowerBound]
                && log[checksum.upperBound...] == whole[checksum.upperBound...])
    }

    private static func differences(_ left: [UInt8], _ right: [UInt8]) -> Int {
        abs(left.count - right.count) + zip(left, right).count { $0 != $1 }
    }

    // MARK: Files

    private static func damage(_ bytes: inout [UInt8], _ flaw: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let offset = (Int(flaw[1]) << 8 | Int(flaw[2])) % bytes.count
        switch flaw[0] & 7 {
        case 0...2: bytes[offset] ^= flaw[3]
        case 3: bytes[offset] = flaw[3]
        case 4: bytes.removeSubrange(offset...)
        case 5:
            // What a disk loses, it loses by the sector.
            let start = offset / 512 * 512
            for index in start..<min(start + 512, bytes.count) { bytes[index] = flaw[3] }
        case 6:
            // A page in another's place.
            let (from, to) = (Int(flaw[3]) * 4096, offset / 4096 * 4096)
            guard from + 4096 <= bytes.count, to + 4096 <= bytes.count else { return }
            bytes.replaceSubrange(to..<to + 4096, with: Array(bytes[from..<from + 4096]))
        default:
            bytes.insert(contentsOf: Array(repeating: flaw[3], count: 16), at: offset)
        }
    }

    private func write(_ image: Image) throws {
        for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
        try Self.write(image.main, path)
        if !image.log.isEmpty { try Self.write(image.log, path + "-wal") }
    }

    private static func write(_ bytes: [UInt8], _ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        try hold(written == bytes.count, "a file is written")
    }

    private static func read(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// All commits, as a start reads them.
    private func readRows() throws -> [JournalRow] {
        let journal = try Journal(path: path)
        let rows = try journal.rows(after: journal.start)
        try hold(
            rows.isEmpty || rows.last?.position == journal.lastPosition, "the last commit is the last that is read")
        try hold(try journal.verify(after: journal.start) == rows.count, "as many commits verify as are read")
        return rows
    }
}
