import Foundation
import Journal
import Records
import SQLiteStorage
import ServiceLifecycle
import Storage
import TestSupport

@testable import Aggregator

/// Journal and store in a directory of their own, between which a fold service runs, and runs again.
struct FoldUnderTest: Sendable {
    /// One run of the service.
    struct Run: Sendable {
        let progress: FoldProgress
        let inbox: FoldInbox
        let group: ServiceGroup

        /// Asks the service to stop, and does not wait for it.
        func stop() async {
            await group.triggerGracefulShutdown()
        }

        /// Returns once all that the journal holds now is counted.
        func waitForFold(of journal: Journal) async throws {
            let end = journal.lastPosition.sequence
            try await Patience.until { progress.position.sequence >= end }
        }

        /// Asks for these subjects to be erased; returns how many rows there were, once nothing is left of them. `progress`
        /// is called by the service, between two steps.
        func erase(
            _ subjects: [UInt128], progress: @escaping @Sendable (String) -> Void = { _ in }
        ) async -> Int {
            await withCheckedContinuation { continuation in
                _ = inbox.submit(
                    ErasureRequest(
                        subjects: Set(subjects.map { Subject($0) }), progress: progress,
                        reply: { continuation.resume(returning: $0) }))
            }
        }

        /// Asks for rule versions or outcomes of `default` to be tidied; returns the answer.
        func tidy(_ action: Tidying.Action, _ rules: [String], outcome: String? = nil) async -> TidyRequest.Answer {
            let parts = rules.map { RulePart(site: "default", ruleID: $0, outcomeID: outcome) }
            return await withCheckedContinuation { continuation in
                _ = inbox.submit(
                    TidyRequest(
                        tidying: Tidying(action, parts), user: 4711, progress: { _ in },
                        reply: { continuation.resume(returning: $0) }))
            }
        }
    }

    let directory: TemporaryDirectory
    let journal: Journal
    let log = LogRecorder()
    /// Whether a run finds in memory what was committed before it, as if it had been there; otherwise it reads the journal.
    private let remembersCommits: Bool

    init(remembersCommits: Bool = true) throws {
        self.remembersCommits = remembersCommits
        directory = try TemporaryDirectory()
        journal = try Journal(path: directory.journal)
    }

    /// Runs the service on the store as it is on disk. Returns when it has ended, which is up to `body`, and throws what
    /// it throws.
    func run(
        declared: @escaping @Sendable () -> DeclaredNames = { .none }, recordIDsKept: Int = 1,
        clock: SoundClock = SoundClock(last: WallClock.nowMilliseconds()),
        before: @escaping InterceptedStore.Hook = { _ in },
        after: @escaping InterceptedStore.Hook = { _ in },
        _ body: @escaping @Sendable (Run) async throws -> Void
    ) async throws {
        let store = try SQLiteOutcomeStore(path: directory.store)
        let recovered = try await Recovery(journal: journal, store: store, storePath: directory.store)
        let (progress, inbox) = (
            FoldProgress(
                recovered.folded, unfoldedSinceMilliseconds: recovered.unfoldedSinceMilliseconds, clock: clock),
            FoldInbox()
        )
        if remembersCommits {
            for row in try journal.rows(after: recovered.folded) { inbox.committed(row) }
        }
        let service = FoldService(
            journal: journal, store: InterceptedStore(store, before: before, after: after), declared: declared,
            inbox: inbox, progress: progress, statistics: AggregatorStatistics(), clock: clock,
            recordIDsKept: recordIDsKept,
            logger: log.logger)
        let group = ServiceGroup(services: [service], logger: LogRecorder().logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                try await body(Run(progress: progress, inbox: inbox, group: group))
            }
            try await tasks.waitForAll()
        }
    }

    /// Runs the service until all that the journal holds is counted.
    func runToEnd() async throws {
        try await run { run in await run.stop() }
    }

    /// Where the files of the directory hold the subject, in either order of its bytes, in its table's two halves or in
    /// one piece.
    func places(of subject: UInt128) throws -> [String] {
        let bytes = withUnsafeBytes(of: subject.bigEndian) { Data($0) }
        let pieces = [bytes, Data(bytes.reversed()), Data(bytes.prefix(8)), Data(bytes.suffix(8))]
        let directory = directory.path
        return try FileManager.default.contentsOfDirectory(atPath: directory).flatMap { name in
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"))
            return pieces.indices.filter { content.range(of: pieces[$0]) != nil }.map { "\(name), piece \($0)" }
        }
    }

    /// Appends a commit of one record for each subject.
    func append(
        _ subjects: [UInt128], daysAgo: Int64 = 0, rule: String = "article-22", outcome: String = "a",
        conversion: String? = nil
    ) throws {
        let time = WallClock.nowMilliseconds() - daysAgo * CountingWindow.dayMilliseconds
        let records = subjects.map { subject in
            Record(
                id: .random(), timeMilliseconds: time, subject: Subject(subject), site: "default",
                event: conversion.map { .conversion(Conversion(ruleID: rule, outcomeID: outcome, name: $0)) }
                    ?? .exposure(Exposure(ruleID: rule, outcomeID: outcome)))
        }
        try journal.append(batch: Sample.bytes(records), recordCount: records.count, nowMilliseconds: time)
    }

    /// A subject that no file has by chance.
    static func subject(_ number: Int) -> UInt128 {
        var random = SeededGenerator(seed: UInt64(number))
        return UInt128.random(in: .min ... .max, using: &random)
    }

    /// How many events and subjects the store counts.
    func counts(of rule: String = "article-22") async throws -> Counts {
        let store = try SQLiteOutcomeStore(path: directory.store)
        let report = try await store.report(site: "default", rule: DimensionName(rule), in: [.all])
        let conversions = report?.counts.joined().flatMap(\.conversions) ?? []
        return Counts(
            events: conversions.map(\.events).reduce(0, +), subjects: conversions.map(\.converters).reduce(0, +))
    }

    /// How many answers about a rule version the store has.
    func answers(about rule: String) async throws -> Int {
        let store = try SQLiteOutcomeStore(path: directory.store)
        let buckets = try await store.answers(site: "default", rule: DimensionName(rule), in: { $0.map { [$0] } ?? [] })
        return buckets?.flatMap(\.content).map(\.count).reduce(0, +) ?? 0
    }

    struct Counts: Equatable {
        let events: Int
        let subjects: Int
    }
}
