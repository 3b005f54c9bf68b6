import Foundation
import Records
import SQLiteStorage
import Storage
import TestSupport

/// Fills a store with subjects by the million and tells what counting, reading and memory cost.
@main
struct StoreScale {
    private static let start: Int64 = 1_767_225_600_000
    private static let days: Int64 = 90
    private static let outcomes = 10
    private static let foldRecords = 100_000

    private let store: SQLiteOutcomeStore
    private let subjects: Int
    private var random = SeededGenerator(seed: 1)
    private var sequence: Int64 = 0
    private var recordCount = 0

    /// `arguments`: how many millions of subjects, 1 where there is none.
    static func main() async throws {
        let millions = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
        let directory = FileManager.default.temporaryDirectory.appending(path: "store-scale-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try SQLiteOutcomeStore(path: directory.path + "/store.sqlite")
        var scale = StoreScale(store: store, subjects: millions * 1_000_000)
        for million in 0..<millions {
            scale.recordCount = 0
            let seconds = try await scale.fill(million * 1_000_000..<(million + 1) * 1_000_000)
            let rate = Int(Double(scale.recordCount) / seconds)
            tell("million \(million + 1): \(rate) records folded a second, \(residentMebibytes) MiB")
        }
        try await scale.read()
        try await scale.forget(fileBytes: FileManager.default.attributesOfItem(atPath: store.path)[.size] as? Int ?? 0)
    }

    private init(store: SQLiteOutcomeStore, subjects: Int) {
        self.store = store
        self.subjects = subjects
    }

    /// Subjects come one after the other over the days, each exposed to an outcome. With every second one somebody returns
    /// who came at any time before, and one in ten converts.
    private mutating func fill(_ numbers: Range<Int>) async throws -> Double {
        var spent = Duration.zero
        var pending: [Record] = []
        for number in numbers {
            let now = Self.start + Int64(number) * Self.days * CountingWindow.dayMilliseconds / Int64(subjects)
            pending.append(record(number, now, nil))
            if Bool.random(using: &random) {
                pending.append(record(Int.random(in: 0...number, using: &random), now, nil))
            }
            if Int.random(in: 0..<10, using: &random) == 0 {
                pending.append(record(number, now + 600_000, "REGISTERED"))
            }
            if pending.count >= Self.foldRecords { spent += try await fold(&pending) }
        }
        spent += try await fold(&pending)
        return spent / .seconds(1)
    }

    /// A subject keeps its outcome.
    private func record(_ number: Int, _ time: Int64, _ conversion: String?) -> Record {
        let outcome = "graph/1#1,graph/1#\(number % Self.outcomes)"
        let event =
            conversion.map { Event.conversion(Conversion(ruleID: "rule", outcomeID: outcome, name: $0)) }
            ?? .exposure(Exposure(ruleID: "rule", outcomeID: outcome))
        return Record(id: .random(), timeMilliseconds: time, subject: subject(number), site: "site", event: event)
    }

    private func subject(_ number: Int) -> Subject {
        Subject(UInt128(number) &* 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
    }

    private mutating func fold(_ records: inout [Record]) async throws -> Duration {
        sequence += 1
        recordCount += records.count
        let (folded, position) = (records, FoldPosition(journalID: 1, sequence: sequence, checksum: 1))
        records = []
        return try await ContinuousClock().measure { try await store.fold(folded, advancingTo: position) }
    }

    /// Medians of several rounds.
    private func read() async throws {
        let rule = DimensionName("rule")
        let first = Quarter(containing: Self.start)
        let buckets = (0..<Self.days).map { Quarter(first.number + $0 * 96)..<Quarter(first.number + ($0 + 1) * 96) }
        // As a time zone an hour from UTC has its days.
        let zoned = buckets.map { Quarter($0.lowerBound.number - 4)..<Quarter($0.upperBound.number - 4) }
        try await time("a report of all time") { _ = try await store.report(site: "site", rule: rule, in: [.all]) }
        try await time("90 days of UTC") { _ = try await store.series(site: "site", rule: rule) { _ in buckets } }
        try await time("90 days of another zone") {
            _ = try await store.series(site: "site", rule: rule) { _ in zoned }
        }
        try await time("visitors of 90 days") { _ = try await store.activity(site: "site", rule: rule) { _ in zoned } }
        try await time("the list of rules") { _ = try await store.rules(site: "site") }
        Self.tell("\(Self.residentMebibytes) MiB resident")
    }

    /// Erases a hundred subjects, and overwrites what they left in the file.
    private func forget(fileBytes: Int) async throws {
        let some = (0..<100).map { subject($0 * 1000) }
        let erased = try await ContinuousClock().measure { _ = try await store.forget(some) }
        let overwritten = try await ContinuousClock().measure { _ = try await store.overwriteForgotten(again: false) }
        Self.tell(
            "\(some.count) subjects erased: \(Int(erased / .milliseconds(1))) ms, the file of \(fileBytes >> 20) MiB "
                + "overwritten where it is not used: \(Int(overwritten / .milliseconds(1))) ms")
    }

    private func time(_ name: String, _ body: () async throws -> Void) async throws {
        var durations: [Duration] = []
        for _ in 0..<9 { durations.append(try await ContinuousClock().measure { try await body() }) }
        let median = durations.sorted()[4] / .milliseconds(1)
        Self.tell("\(name): \((median * 100).rounded() / 100) ms")
    }

    /// At once: a run takes minutes.
    private static func tell(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static var residentMebibytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropLast().last.flatMap { Int($0) } ?? 0) / 1024
    }
}
