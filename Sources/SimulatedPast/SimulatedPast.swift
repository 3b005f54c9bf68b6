import Analytics
import ConfigurationFile
import Foundation
import Journal
import Records
import SQLiteStorage
import Storage
import TestSupport

/// Fills an installation's empty data directory with weeks of made-up visitors, so that reports have something to show: windows
/// take days to pass. The aggregator must not run.
///
///     SimulatedPast CONFIG [--hostile] [--large]
@main
struct SimulatedPast {
    private static let site = "default"

    private let journal: Journal
    private let store: SQLiteOutcomeStore
    private let declared: DeclaredNames
    private let now: Int64
    private var random = SeededGenerator(seed: 22)
    private var visitors: UInt128 = 0

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let path = arguments.first(where: { !$0.hasPrefix("--") }) else {
            FileHandle.standardError.write(Data("usage: SimulatedPast CONFIG [--hostile] [--large]\n".utf8))
            exit(64)
        }
        let configuration = try Configuration.load(path: path)
        let rules = try Rules.load(for: configuration)
        var past = try SimulatedPast(
            directory: configuration.aggregator.dataDirectory,
            declared: Catalogue(sites: configuration.sites, rules: rules).declaredNames)
        let further: [(String, Scenario)] = [("--hostile", .hostile), ("--large", .large)]
        try await past.make(Scenario.all + further.filter { arguments.contains($0.0) }.map(\.1))
    }

    private init(directory: String, declared: DeclaredNames) throws {
        journal = try Journal(path: "\(directory)/journal.sqlite")
        store = try SQLiteOutcomeStore(path: "\(directory)/store.sqlite")
        self.declared = declared
        now = WallClock.nowMilliseconds()
    }

    /// Each group is declared on the day that its rule goes live.
    private mutating func make(_ scenarios: [Scenario]) async throws {
        let first = scenarios.map(\.days).max() ?? 0
        var pending: [Record] = []
        for day in (1...first).reversed() {
            let midnight = now - Int64(day) * CountingWindow.dayMilliseconds
            let live = scenarios.filter { $0.days >= day }
            try await store.declare(declared(of: live), nowMilliseconds: midnight)
            for scenario in live {
                for outcome in scenario.outcomes {
                    pending += visits(of: scenario.ruleID, outcome, from: midnight)
                }
            }
            // What happens within the day, and what earlier visitors do in it.
            let due = pending.filter { $0.timeMilliseconds < midnight + CountingWindow.dayMilliseconds }
            pending.removeAll { $0.timeMilliseconds < midnight + CountingWindow.dayMilliseconds }
            try await count(due.sorted { $0.timeMilliseconds < $1.timeMilliseconds })
        }
        try await note(scenarios)
    }

    /// What is declared of those rules alone.
    private func declared(of scenarios: [Scenario]) -> DeclaredNames {
        let names = Set(scenarios.map { DimensionName($0.ruleID) })
        return DeclaredNames(
            sites: declared.sites.mapValues { site in
                DeclaredNames.Site(
                    rules: site.rules.filter { names.contains($0.key) }, isClosed: site.isClosed,
                    windowDays: site.windowDays, retentionDays: site.retentionDays)
            })
    }

    /// A day's new visitors: most are exposed once, some again within days, and some convert.
    private mutating func visits(of ruleID: String, _ outcome: Scenario.Outcome, from midnight: Int64) -> [Record] {
        let count = outcome.visitorsPerDay * Int.random(in: 85...115, using: &random) / 100
        var records: [Record] = []
        for _ in 0..<count {
            visitors += 1
            let subject = Subject(visitors &* 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
            let time = midnight + Int64.random(in: 0..<CountingWindow.dayMilliseconds, using: &random)
            func add(_ event: Event, after delay: Int64) {
                guard time + delay < now else { return }
                records.append(
                    Record(
                        id: .random(), timeMilliseconds: time + delay, subject: subject, site: Self.site, event: event))
            }
            let exposure = Event.exposure(Exposure(ruleID: ruleID, outcomeID: outcome.id))
            add(exposure, after: 0)
            if Int.random(in: 0..<3, using: &random) == 0 {
                add(exposure, after: Int64.random(in: 0..<4 * CountingWindow.dayMilliseconds, using: &random))
            }
            for (name, rate) in outcome.rates.sorted(by: { $0.key < $1.key })
            where Double.random(in: 0..<1, using: &random) < rate {
                let conversion = Conversion(ruleID: ruleID, outcomeID: outcome.id, name: name)
                add(
                    .conversion(conversion),
                    after: Int64.random(in: 0..<6 * CountingWindow.dayMilliseconds, using: &random))
            }
        }
        return records
    }

    private func count(_ records: [Record]) async throws {
        guard !records.isEmpty else { return }
        var batch: [UInt8] = []
        for record in records { record.encode(into: &batch) }
        let place = try journal.append(
            batch: batch, recordCount: records.count, nowMilliseconds: WallClock.nowMilliseconds())
        let position = FoldPosition(
            journalID: journal.identity.value, sequence: place.sequence, checksum: place.checksum)
        try await store.fold(records, declared: declared, advancingTo: position)
    }

    /// What their requests were answered in the last day, some of them refused.
    private func note(_ scenarios: [Scenario]) async throws {
        let exposed = AnswerKind(door: .exposures, status: 201, reason: "durable")
        let converted = AnswerKind(door: .conversions, status: 201, reason: "durable")
        let refused = AnswerKind(door: .conversions, status: 400, reason: "tracking-id")
        for scenario in scenarios {
            try await store.note(
                scenario.outcomes.flatMap { outcome in
                    let visitors = outcome.visitorsPerDay
                    return [(exposed, visitors), (converted, visitors / 12), (refused, visitors / 300)].map {
                        kind, count in
                        GivenAnswers(
                            site: DimensionName(Self.site),
                            outcome: .init(rule: DimensionName(scenario.ruleID), outcome: DimensionName(outcome.id)),
                            kind: kind, quarter: Quarter(containing: now), count: count)
                    }
                })
        }
    }
}
