import Analytics
import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("Clocks that are wrong", .disabled(if: FaultRun.isSanitized, "the clock is a library that is loaded first"))
    struct ClockFaultTests {
        enum Shift: CaseIterable {
            case hourAhead
            case hourBehind
            case tenYearsAhead
            case year1970

            var milliseconds: Int {
                switch self {
                case .hourAhead: 3_600_000
                case .hourBehind: -3_600_000
                case .tenYearsAhead: 3653 * 86_400_000
                case .year1970: -Int(Date().timeIntervalSince1970 * 1000)
                }
            }

            var isFar: Bool { self == .tenYearsAhead || self == .year1970 }
        }

        struct Clocks: Sendable, CustomStringConvertible {
            let aggregator: Shift?
            let responder: Shift?

            var description: String {
                "aggregator \(aggregator.map { "\($0)" } ?? "right"), responder \(responder.map { "\($0)" } ?? "right")"
            }

            static let all: [Clocks] =
                Shift.allCases.flatMap { shift in
                    [
                        Clocks(aggregator: shift, responder: nil), Clocks(aggregator: nil, responder: shift),
                        Clocks(aggregator: shift, responder: shift),
                    ]
                } + [
                    Clocks(aggregator: .hourAhead, responder: .hourBehind),
                    Clocks(aggregator: .hourBehind, responder: .hourAhead),
                ]
        }

        @Test(
            "stepped while the daemons run, kept over a restart, set right again: nobody is lost, dated elsewhere or new",
            arguments: Clocks.all)
        func stepped(clocks: Clocks) async throws {
            let deployment = try Deployment()
            let aggregator = try MovableClock(in: deployment, name: "aggregator.clock")
            let responder = try MovableClock(in: deployment, name: "responder.clock")
            func start() async throws {
                try await deployment.startAggregator(environment: try await aggregator.environment())
                try await deployment.startResponder(environment: try await responder.environment())
            }
            func restart() async throws {
                for process in [deployment.responder, deployment.aggregator] {
                    process?.signal(SIGTERM)
                    await process?.waitForExit()
                }
                try await start()
            }
            try await start()
            try await deployment.startNginx()
            try await deployment.meetAndConvert(0..<5)

            aggregator.aheadMilliseconds = clocks.aggregator?.milliseconds ?? 0
            responder.aheadMilliseconds = clocks.responder?.milliseconds ?? 0
            try await deployment.meetAndConvert(0..<10)
            try await expectTold(clocks, by: deployment)
            try await restart()
            try await deployment.meetAndConvert(0..<15)
            try await expectTold(clocks, by: deployment)

            aggregator.aheadMilliseconds = 0
            responder.aheadMilliseconds = 0
            try await deployment.meetAndConvert(0..<20)
            try await restart()
            try await deployment.meetAndConvert(0..<25)
            try await expectEveryVisitorOnce(25, events: 5 + 10 + 15 + 20 + 25, in: deployment)
        }

        /// Each of these visitors counts once, and now: within a day of it, whatever the clocks said.
        private func expectEveryVisitorOnce(_ visitors: Int, events: Int, in deployment: Deployment) async throws {
            let counts = try await deployment.counts()
            #expect(counts.map(\.visitors) == [visitors] && counts.map(\.events) == [events])
            let answer = try await deployment.analytics(
                "/v1/sites/default/series?ruleId=article-22&bucket=day&timeZone=UTC")
            let report = try JSONDecoder().decode(SeriesReport.self, from: Data(answer.body.utf8))
            #expect(report.buckets.flatMap(\.outcomes).reduce(0) { $0 + $1.exposed } == visitors)
            #expect(
                report.buckets.flatMap(\.outcomes).flatMap(\.conversions).reduce(0) { $0 + ($1.converted ?? 0) }
                    == visitors)
            let days = [-86_400.0, 0, 86_400].map {
                Date(timeIntervalSinceNow: $0).formatted(.iso8601.year().month().day())
            }
            for bucket in report.buckets {
                #expect(days.contains(String(bucket.start.prefix(10))), "\(bucket.start)")
            }
        }

        /// A clock that cannot be right is told of, and so are two that differ.
        private func expectTold(_ clocks: Clocks, by deployment: Deployment) async throws {
            guard clocks.aggregator?.isFar == true || clocks.aggregator != clocks.responder else { return }
            try await eventually("the clocks are told of") {
                let status = try await deployment.status()
                let isSetRight = status.responders.contains { abs($0.clockDifferenceMilliseconds ?? 0) > 60_000 }
                return status.clockDoubtMilliseconds != nil || isSetRight
            }
        }
    }
}

/// The time of day as a daemon sees it, moved while it runs.
private final class MovableClock {
    private let numbers: SharedNumbers

    init(in deployment: Deployment, name: String) throws {
        numbers = try SharedNumbers(path: deployment.path(name), count: 1)
    }

    var aheadMilliseconds: Int {
        get { numbers[0] }
        set { numbers[0] = newValue }
    }

    func environment() async throws -> [String: String] {
        let source = Executables.repository.appendingPathComponent("Benchmarks/Scale/clock.c")
        return ["LD_PRELOAD": try await PreloadedLibrary.build(source), "BENCH_CLOCK": numbers.path]
    }
}

extension Deployment {
    /// Each of these visitors meets the outcome, and converts.
    fileprivate func meetAndConvert(_ visitors: Range<Int>) async throws {
        for visitor in visitors {
            let conversion = ConversionRequest(cookie: "blaize_tracking_id=v\(visitor); blaize_session=s")
            let exposure = conversion.with {
                $0.path = $0.path.replacing("conversions", with: "exposures")
                $0.body = #"{"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2"}"#
            }
            #expect(try await send(exposure).status == 201)
            #expect(try await send(conversion).status == 201)
        }
    }
}
