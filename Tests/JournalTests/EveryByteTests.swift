import Foundation
import TestSupport
import Testing

@testable import Journal

/// The journal's file and its log, damaged at each byte of 64 KiB; at some of them, chosen by chance, in an ordinary run.
@Suite("Damage at every byte", .timeLimit(.minutes(FaultRun.isLong ? 60 : 5)))
struct EveryByteTests {
    private enum Finding: Equatable {
        case refused
        case asBefore
        /// The first so many commits and no others.
        case cutShort(Int)
        case changed
    }

    private static let bytesMax = 64 * 1024
    /// What files begin with says the most about all that follows.
    private static let headerBytes = 128
    private let original: TemporaryDirectory
    private let batches: [[UInt8]]

    /// More than 64 KiB in the file, and 64 KiB in the log beside it.
    init() throws {
        let directory = try TemporaryDirectory()
        let batches = (0..<140).map { [UInt8](repeating: UInt8($0), count: 500 + $0) }
        let journal = try Journal(path: directory.journal)
        for batch in batches.prefix(130) { try journal.append(batch: batch, recordCount: 1) }
        try journal.close()
        let again = try Journal(path: directory.journal)
        for batch in batches.dropFirst(130) { try again.append(batch: batch, recordCount: 1) }
        original = try directory.crashImage()
        self.batches = batches
        for path in [original.journal, original.journal + "-wal"] {
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count >= Self.bytesMax)
        }
    }

    @Test("a bit that flips in the file is found, or changes nothing that is counted")
    func flippedInFile() throws {
        for place in places("a bit of the file") {
            switch try finding(in: "", { $0[place] ^= 1 << UInt8(place % 8) }) {
            case .refused, .asBefore: break
            case .cutShort, .changed: Issue.record("byte \(place)")
            }
        }
    }

    @Test("a bit that flips in the log is found, unless it is in the last commit: that is gone, as a torn end is")
    func flippedInLog() throws {
        for place in places("a bit of the log") {
            switch try finding(in: "-wal", { $0[place] ^= 1 << UInt8(place % 8) }) {
            case .refused, .asBefore: break
            case .cutShort(let count) where count == batches.count - 1: break
            case .cutShort(let count): Issue.record("byte \(place): \(count) commits")
            case .changed: Issue.record("byte \(place)")
            }
        }
    }

    @Test("a file cut short anywhere is found")
    func truncatedFile() throws {
        for place in places("the file's end") {
            switch try finding(in: "", { $0 = $0.prefix(place) }) {
            case .refused, .asBefore: break
            case .cutShort, .changed: Issue.record("byte \(place)")
            }
        }
    }

    @Test("a log cut short anywhere is a torn end: what is before it is as it was")
    func truncatedLog() throws {
        let ends = try commitEnds()
        #expect(ends.count == 10)
        for place in places("the log's end") {
            let whole = batches.count - ends.count { $0 > place }
            switch try finding(in: "-wal", { $0 = $0.prefix(place) }) {
            case .asBefore where whole == batches.count: break
            case .cutShort(let count) where count == whole: break
            case let other: Issue.record("byte \(place): \(other)")
            }
        }
    }

    /// Where in the log each commit's last frame ends: the one that tells how large the file is then.
    private func commitEnds() throws -> [Int] {
        let log = [UInt8](try Data(contentsOf: URL(fileURLWithPath: original.journal + "-wal")))
        let (headerBytes, frameHeaderBytes) = (32, 24)
        let frameBytes = frameHeaderBytes + 4096
        var ends: [Int] = []
        for frame in stride(from: headerBytes, to: log.count, by: frameBytes) {
            let pages = log[(frame + 4)..<(frame + 8)]
            if pages.contains(where: { $0 != 0 }) { ends.append(frame + frameBytes) }
        }
        return ends
    }

    private func places(_ name: String) -> [Int] {
        var run = FaultRun(name)
        let count = FaultRun.count(short: 250, long: Self.bytesMax, variable: "FAULT_BYTES")
        guard count < Self.bytesMax else { return Array(0..<Self.bytesMax) }
        return Array(0..<Self.headerBytes)
            + (0..<count).map { _ in Int.random(in: Self.headerBytes..<Self.bytesMax, using: &run.random) }
    }

    /// What is read where a file was changed.
    private func finding(in suffix: String, _ change: (inout Data) throws -> Void) throws -> Finding {
        let image = try original.crashImage()
        try editFile(image.journal + suffix, change)
        do {
            let journal = try Journal(path: image.journal)
            let found = try journal.rows(after: journal.start).map(\.batch)
            if found == batches { return .asBefore }
            return found == Array(batches.prefix(found.count)) ? .cutShort(found.count) : .changed
        } catch {
            return .refused
        }
    }
}
