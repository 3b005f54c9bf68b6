import Analytics
import Foundation
import Journal
import Records
import Testing

extension Ledger {
    /// Holds everything that counts against what was answered: the journal as it stands in its file, the reports, their CSV, and
    /// the same reports once the store is gone and all has been counted anew.
    ///
    /// The deployment runs, and nothing is being sent any more.
    func audit(_ deployment: Deployment) async throws {
        expectKnownAnswers()
        let reported = try await reported(by: deployment)
        expect(reported, in: "the reports")
        expect(try await listed(by: deployment), toBe: reported, in: "the CSV")
        deployment.aggregator?.signal(SIGTERM)
        #expect(await deployment.aggregator?.waitForExit() == 0)
        let kept = try recorded(in: deployment)
        expect(kept, in: "the journal")
        expect(kept, toBe: reported, in: "the journal")
        try deployment.removeStore()
        try await deployment.startAggregator()
        expect(try await self.reported(by: deployment), toBe: reported, in: "the reports of what is counted anew")
    }

    /// Only what a page can be answered, and to a request that is at fault no success.
    private func expectKnownAnswers() {
        let strange = statuses.filter { number, status in
            ![0, 429, 503, kind(of: number).status].contains(status)
        }
        #expect(strange.isEmpty, "\(strange.count) answers, such as \(strange.first?.value ?? 0)")
        #expect(statuses.values.contains(201))
    }

    /// Everything acknowledged once, nothing twice, nothing refused, nothing that was not sent.
    private func expect(_ counted: [LedgerEvent: Int], in place: String) {
        var counted = counted
        var lost = 0
        var refused = 0
        for (number, status) in statuses {
            for event in events(of: number) {
                let count = counted.removeValue(forKey: event) ?? 0
                if status == 201, count == 0 { lost += 1 }
                if count > 0, kind(of: number).status != 201 || status == 429 { refused += 1 }
                #expect(count <= 1, "request \(number) is counted \(count) times in \(place)")
            }
        }
        #expect(lost == 0, "acknowledged records that are not in \(place)")
        #expect(refused == 0, "refused requests that are in \(place)")
        #expect(counted.isEmpty, "records of nobody in \(place)")
    }

    private func expect(_ counted: [LedgerEvent: Int], toBe reported: [LedgerEvent: Int], in place: String) {
        let others = Set(counted.keys).union(reported.keys).filter { counted[$0] != reported[$0] }
        let first = others.first.map { "\($0): \(counted[$0] ?? 0), and \(reported[$0] ?? 0) in the reports" }
        #expect(others.isEmpty, "\(others.count) counts differ in \(place), such as \(first ?? "")")
    }

    private var rules: [String] { Set(statuses.keys.map(rule)).sorted() }

    // MARK: Where it is counted

    private func reported(by deployment: Deployment) async throws -> [LedgerEvent: Int] {
        try await deployment.reported(under: rules)
    }

    private func listed(by deployment: Deployment) async throws -> [LedgerEvent: Int] {
        var counted: [LedgerEvent: Int] = [:]
        for rule in rules {
            let answer = try await deployment.analytics("/v1/sites/default/outcomes?ruleId=\(rule)&format=csv")
            guard answer.status == 200 else { continue }
            // None of a ledger's names needs quotes, and no column behind these is looked at.
            let rows = answer.body.split(separator: "\r\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
            let columns = try ["outcome", "conversion", "events", "exposures"].map {
                try #require(rows.first?.firstIndex(of: $0))
            }
            for row in rows.dropFirst() {
                let cells = columns.map { row[$0] }
                let event = LedgerEvent(rule: rule, outcome: cells[0], conversion: cells[1].isEmpty ? nil : cells[1])
                let count = Int(event.conversion == nil ? cells[3] : cells[2]) ?? 0
                if count > 0 { counted[event] = count }
            }
        }
        return counted
    }

    /// What the journal of a deployment whose aggregator has stopped holds, each commit held against its checksum.
    private func recorded(in deployment: Deployment) throws -> [LedgerEvent: Int] {
        var counted: [LedgerEvent: Int] = [:]
        let rules = Set(rules)
        let journal = try Journal(path: deployment.path("data/journal.sqlite"))
        var position = journal.start
        while case let rows = try journal.rows(after: position), let last = rows.last {
            position = last.position
            for record in try rows.flatMap({ row in try row.batch.withUnsafeBytes { try Record.decodeAll($0) } })
            where rules.contains(record.event.ruleID) {
                let event = LedgerEvent(
                    rule: record.event.ruleID, outcome: record.event.outcomeID, conversion: record.event.conversionName)
                counted[event, default: 0] += 1
            }
        }
        try journal.close()
        return counted
    }
}

extension Deployment {
    /// How many events the reports have under these rule versions, once all that is durable has been counted.
    func reported(under rules: [String]) async throws -> [LedgerEvent: Int] {
        try await waitUntilCounted()
        var counted: [LedgerEvent: Int] = [:]
        for rule in rules {
            let answer = try await analytics("/v1/sites/default/outcomes?ruleId=\(rule)")
            guard answer.status == 200 else { continue }
            let report = try JSONDecoder().decode(OutcomesReport.self, from: Data(answer.body.utf8))
            for outcome in report.outcomes {
                let id = try #require(outcome.outcomeId)
                if outcome.exposures > 0 { counted[LedgerEvent(rule: rule, outcome: id)] = outcome.exposures }
                for row in outcome.conversions where row.events > 0 {
                    counted[LedgerEvent(rule: rule, outcome: id, conversion: row.conversion)] = row.events
                }
            }
        }
        return counted
    }

    /// Returns once all that is durable has been counted.
    func waitUntilCounted() async throws {
        let durable = try await status().journalSequence
        try await eventually("all \(durable) commits are counted") {
            try await self.status().foldedSequence >= durable
        }
    }

    /// As operations.md has it, for a store that is to be made again.
    fileprivate func removeStore() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: path("data")) where name.hasPrefix("store.") {
            try FileManager.default.removeItem(atPath: path("data/\(name)"))
        }
    }
}
