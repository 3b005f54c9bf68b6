import Foundation
import Records
import SQLiteStorage
import Storage
import TestSupport

/// Fills a store with subjects by the million and tells what counting, reading and memory cost.
@main
struct StoreScale {
    private static let start: Int64 = 1_767_225_600_000
    private static let dayMilliseconds: Int64 = 86_400_000
    private static let days: Int64 = 90
    private static let outcomes = 10
    private static let foldRecords = 100_000

    private let store: SQLiteOutcomeStore
    private var random = SeededGenerator(seed: 1)
    private var sequence: Int64 = 0

    /// `arguments`: how many millions of subjects, 1 where there is none.
    static func main() async throws {
        let millions = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
        let directory = FileManager.default.temporaryDirectory.appending(path: "store-scale-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var scale = StoreScale(store: try SQLiteOutcomeStore(path: directory.path + "/store.sqlite"))
        for million in 1...millions {
            let seconds = try await scale.fill(subjects: 1_000_000)
            print(
                "million \(million): \(Int(1_600_000 / seconds)) records folded a second, \(Self.residentMebibytes) MiB"
            )
        }
        try await scale.read()
    }

    private init(store: SQLiteOutcomeStore) {
        self.store = store
    }

    /// Each subject is exposed to an outcome; half of them once more on another day, one in ten converts. Folds come in the
    /// order of a site's days, with subjects at random.
    private mutating func fill(subjects: Int) async throws -> Double {
        var spent = Duration.zero
        var pending: [Record] = []
        for _ in 0..<subjects {
            let subject = Subject(UInt128.random(in: 0 ... .max, using: &random))
            let outcome = "graph/1#1,graph/1#\(Int.random(in: 0..<Self.outcomes, using: &random))"
            let time = Self.start + Int64.random(in: 0..<Self.days * Self.dayMilliseconds, using: &random)
            pending.append(record(subject, time, .exposure(Exposure(ruleID: "rule", outcomeID: outcome))))
            if Bool.random(using: &random) {
                let again = time + Int64.random(in: 0..<5 * Self.dayMilliseconds, using: &random)
                pending.append(record(subject, again, .exposure(Exposure(ruleID: "rule", outcomeID: outcome))))
            }
            if Int.random(in: 0..<10, using: &random) == 0 {
                let conversion = Conversion(ruleID: "rule", outcomeID: outcome, name: "REGISTERED")
                pending.append(record(subject, time + 600_000, .conversion(conversion)))
            }
            if pending.count >= Self.foldRecords { spent += try await fold(&pending) }
        }
        spent += try await fold(&pending)
        return spent / .seconds(1)
    }

    private func record(_ subject: Subject, _ time: Int64, _ event: Event) -> Record {
        Record(id: .random(), timeMilliseconds: time, subject: subject, site: "site", event: event)
    }

    private mutating func fold(_ records: inout [Record]) async throws -> Duration {
        sequence += 1
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
        print("\(Self.residentMebibytes) MiB resident")
    }

    private func time(_ name: String, _ body: () async throws -> Void) async throws {
        var durations: [Duration] = []
        for _ in 0..<9 { durations.append(try await ContinuousClock().measure { try await body() }) }
        let median = durations.sorted()[4] / .milliseconds(1)
        print("\(name): \((median * 100).rounded() / 100) ms")
    }

    private static var residentMebibytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropLast().last.flatMap { Int($0) } ?? 0) / 1024
    }
}
