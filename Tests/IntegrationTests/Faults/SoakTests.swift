import Foundation
import Synchronization
import TestSupport
import Testing

/// Hours of ordinary traffic, by `make soak` alone.
private let soakMinutes = ProcessInfo.processInfo.environment["SOAK_MINUTES"].flatMap { Int($0) }

extension IntegrationTests {
    @Suite("A long time under load", .enabled(if: soakMinutes != nil, "`make soak` runs it"))
    struct SoakTests {
        @Test("memory, descriptors and files stay what they are, and counts are exact")
        func soak() async throws {
            let run = FaultRun("soak")
            let minutes = try #require(soakMinutes)
            let deployment = try Deployment()
            try await deployment.start()
            let traffic = SoakTraffic(seed: run.seed)
            let load = traffic.load(port: deployment.port)
            let sending = load.start(concurrency: 8)
            var samples: [SoakSample] = []
            print(SoakSample.columns)
            for _ in 0..<max(8, minutes * 2) {
                try await Task.sleep(for: .seconds(Double(minutes) * 60 / Double(max(8, minutes * 2))))
                samples.append(try SoakSample(of: deployment, answered: load.count(of: 201)))
                print(samples.last?.row ?? "")
            }
            load.stop()
            await sending.value
            #expect(load.count(of: 201) > 0)
            #expect(Set(load.answers.values) == [201])
            try await traffic.expectExactCounts(in: deployment)
            // What fills caches, and visitors who are new, has come by the first quarter.
            let early = try #require(samples.dropFirst(samples.count / 4).first)
            let late = try #require(samples.last)
            #expect(late.isNoMore(than: early), "\(early.row)\n\(late.row)")
        }
    }
}

/// Requests of a hundred thousand visitors under a few rule versions, at most so many a second.
final class SoakTraffic: Sendable {
    private static let requestsPerSecond = 800
    private static let visitors = 100_000
    private static let rules = 10
    private static let outcomes = 4

    private let seed: UInt64
    private let start = ContinuousClock.now
    private let counted = Mutex<[LedgerEvent: Int]>([:])

    init(seed: UInt64) {
        self.seed = seed
    }

    func load(port: Int) -> Load {
        Load { [self] _, number in
            try await Task.sleep(until: start + .seconds(Double(number) / Double(Self.requestsPerSecond)))
            let (event, request) = request(number)
            let status = (try? await Deployment.send(request, port: port).status) ?? 0
            if status == 201 { counted.withLock { $0[event, default: 0] += 1 } }
            return status
        }
    }

    private func request(_ number: Int) -> (LedgerEvent, ConversionRequest) {
        var random = SeededGenerator(seed: seed &+ UInt64(number))
        let visitor = Int.random(in: 0..<Self.visitors, using: &random)
        let event = LedgerEvent(
            rule: "soak-\(Int.random(in: 0..<Self.rules, using: &random))",
            outcome: "graph/\(visitor % Self.outcomes)#1", conversion: number % 4 == 0 ? "REGISTERED" : nil)
        return (event, event.request(from: "visitor-\(visitor)"))
    }

    func expectExactCounts(in deployment: Deployment) async throws {
        let rules = (0..<Self.rules).map { "soak-\($0)" }
        #expect(try await deployment.reported(under: rules) == counted.withLock { $0 })
    }
}

/// What the daemons take at one moment.
private struct SoakSample {
    static let columns =
        "answers of 201; aggregator MiB, descriptors; responder MiB, descriptors; journal's log MiB; nginx's error log bytes"

    private let answered: Int
    private let aggregator: (mebibytes: Int, descriptors: Int)
    private let responder: (mebibytes: Int, descriptors: Int)
    private let logMebibytes: Int
    private let errorLogBytes: Int

    init(of deployment: Deployment, answered: Int) throws {
        self.answered = answered
        aggregator = try Self.use(by: try #require(deployment.aggregator))
        responder = try Self.use(by: try #require(deployment.responder))
        let log = try FileManager.default.attributesOfItem(atPath: deployment.path("data/journal.sqlite-wal"))
        logMebibytes = (log[.size] as? Int ?? 0) >> 20
        errorLogBytes = deployment.nginx?.text.utf8.count ?? 0
    }

    var row: String {
        "\(answered); \(aggregator.mebibytes), \(aggregator.descriptors); \(responder.mebibytes), \(responder.descriptors); "
            + "\(logMebibytes); \(errorLogBytes)"
    }

    /// But for what an allocator may keep, and connections that come and go.
    func isNoMore(than early: SoakSample) -> Bool {
        aggregator.mebibytes <= early.aggregator.mebibytes * 5 / 4 + 16
            && responder.mebibytes <= early.responder.mebibytes * 5 / 4 + 8
            && aggregator.descriptors <= early.aggregator.descriptors + 4
            && responder.descriptors <= early.responder.descriptors + 16
            && logMebibytes <= 8 && errorLogBytes <= early.errorLogBytes + 1000
    }

    private static func use(by process: RunningProcess) throws -> (Int, Int) {
        let directory = "/proc/\(process.processID)"
        let status = try String(contentsOfFile: "\(directory)/status", encoding: .utf8)
        let kibibytes = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
        return (
            (kibibytes ?? 0) >> 10, try FileManager.default.contentsOfDirectory(atPath: "\(directory)/fd").count
        )
    }
}
