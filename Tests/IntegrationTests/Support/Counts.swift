import Analytics
import Foundation
import Testing

extension Deployment {
    func status() async throws -> StatusReport {
        try JSONDecoder().decode(StatusReport.self, from: Data(try await analytics("/v1/status").body.utf8))
    }

    /// What is counted under a rule, once all that is durable has been counted.
    func counts(rule: String = "article-22", site: String = "default") async throws -> [CountedConversion] {
        let durable = try await status().journalSequence
        try await eventually("all \(durable) commits are counted") {
            try await self.status().foldedSequence >= durable
        }
        let answer = try await analytics("/v1/sites/\(site)/outcomes?ruleId=\(rule)")
        guard answer.status == 200 else { return [] }
        return try JSONDecoder().decode(OutcomesReport.self, from: Data(answer.body.utf8)).rows
            .map(CountedConversion.init)
    }
}

/// A conversion in a report, beside the outcome that it is under.
struct CountedConversion: Equatable {
    let outcomeId: String?
    let outcomeName: String?
    let conversion: String?
    let visitors: Int
    let events: Int

    init(_ outcome: OutcomesReport.Outcome, _ conversion: OutcomesReport.Conversion) {
        outcomeId = outcome.outcomeId
        outcomeName = outcome.outcomeName
        self.conversion = conversion.conversion
        visitors = conversion.visitors ?? 0
        events = conversion.events
    }
}

extension Deployment {
    /// Every conversion that was answered 201 is counted exactly once, and no other more than that. `answers` are the
    /// statuses by the conversion's name, which is its visitor's too.
    func expectExactCounts(of answers: [String: Int]) async throws {
        let events = try await counts().reduce(into: [String: Int]()) { events, row in
            events[row.conversion ?? "", default: 0] += row.events
        }
        let lost = answers.filter { $0.value == 201 && events[$0.key] == nil }
        let twice = events.filter { $0.value > 1 }
        let unasked = events.keys.filter { answers[$0] == nil }
        #expect(lost.isEmpty, "\(lost.count) of \(answers.count) acknowledged conversions are not counted")
        #expect(twice.isEmpty, "\(twice.count) conversions are counted more than once")
        #expect(unasked.isEmpty)
        let refused = answers.filter { ![201, 503].contains($0.value) && events[$0.key] != nil }
        #expect(refused.isEmpty, "\(refused.count) refused conversions are counted")
    }
}

/// Asks until `condition` holds: for what no event tells of, such as a report that is up to a second behind.
func eventually(
    _ expectation: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
        if try await condition() { return }
        try await clock.sleep(for: .milliseconds(20))
    }
    Issue.record("not within \(limit): \(expectation)")
}
