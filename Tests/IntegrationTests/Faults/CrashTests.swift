import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("Daemons killed, stopped and restarted at random, held against a ledger")
    struct CrashTests {
        @Test("every 201 is counted once, and nothing twice, whoever is killed whenever")
        func kills() async throws {
            let run = FaultRun("kills at random")
            let kills = FaultRun.count(short: 40, long: 1000, variable: "FAULT_KILLS")
            let deployment = try Deployment(aggregator: Ledger.limits)
            try await deployment.start()
            let visitor = try await ForgottenVisitor(in: deployment)
            let ledger = Ledger(seed: run.seed)
            let load = ledger.load(port: deployment.port)
            let sending = load.start(concurrency: 16)
            var crashes = Crashes(of: deployment, under: load, random: run.random)
            while crashes.killed < kills { try await crashes.next() }
            load.stop()
            await sending.value
            try await visitor.expectForgotten(by: deployment)
            try await ledger.audit(deployment)
            print("\(crashes.killed) kills, \(crashes.steps) steps: \(Self.summary(ledger))")
        }

        private static func summary(_ ledger: Ledger) -> String {
            let counts = ledger.statuses.values.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            return counts.sorted { $0.key < $1.key }.map { "\($0.value) answers of \($0.key)" }.joined(separator: ", ")
        }
    }
}

/// What happens to the daemons of a deployment under load, one misfortune after the other.
struct Crashes {
    private enum Step: CaseIterable {
        case aggregator
        case responder
        case nginx
        case both
        /// Killed again and again before it has started.
        case aggregatorStorm
        case responderStorm
        case stopAggregator
        case stopResponder
        case killStopped
        /// As an upgrade restarts them.
        case restart
        case reload
        case duringForgetting
        case duringBackup
    }

    private let deployment: Deployment
    private let load: Load
    private var random: SeededGenerator
    private(set) var killed = 0
    private(set) var steps = 0

    init(of deployment: Deployment, under load: Load, random: SeededGenerator) {
        self.deployment = deployment
        self.load = load
        self.random = random
    }

    /// Brings on the next misfortune, at a moment of chance, and returns when requests are acknowledged again.
    mutating func next() async throws {
        try await wait(milliseconds: 0...60)
        steps += 1
        let step = Step.allCases.randomElement(using: &random) ?? .aggregator
        try await bring(on: step)
        let goal = load.count(of: 201) + Int.random(in: 1...200, using: &random)
        try await eventually("requests are acknowledged after \(step)") { load.count(of: 201) >= goal }
    }

    private mutating func bring(on step: Step) async throws {
        switch step {
        case .aggregator: try await killAggregator()
        case .responder: try await killResponder()
        case .nginx: try await killNginx()
        case .both: try await killBoth()
        case .aggregatorStorm:
            for _ in 0..<Int.random(in: 2...4, using: &random) {
                try await killAggregator(starting: false)
                try deployment.spawnAggregator()
                try await wait(milliseconds: 0...150)
            }
            try await killAggregator()
        case .responderStorm:
            for _ in 0..<Int.random(in: 2...4, using: &random) {
                await kill(deployment.responder)
                try deployment.spawnResponder()
                try await wait(milliseconds: 0...80)
            }
            try await killResponder()
        case .stopAggregator: try await stop(deployment.aggregator, milliseconds: 10...2500)
        case .stopResponder: try await stop(deployment.responder, milliseconds: 10...1000)
        case .killStopped:
            deployment.aggregator?.signal(SIGSTOP)
            try await wait(milliseconds: 10...300)
            try await killBoth()
        case .restart: try await restart()
        case .reload: try await reload()
        case .duringForgetting: try await killDuringForgetting()
        case .duringBackup: try await killDuringBackup()
        }
    }

    // MARK: Kills

    private mutating func kill(_ process: RunningProcess?) async {
        process?.signal(SIGKILL)
        await process?.waitForExit()
        killed += 1
    }

    private mutating func killAggregator(starting: Bool = true) async throws {
        await kill(deployment.aggregator)
        if starting { try await deployment.startAggregator() }
    }

    private mutating func killResponder() async throws {
        await kill(deployment.responder)
        try await deployment.startResponder()
    }

    private mutating func killBoth() async throws {
        await kill(deployment.responder)
        try await killAggregator()
        try await deployment.startResponder()
    }

    private mutating func killNginx() async throws {
        deployment.nginx?.signalGroup(SIGKILL)
        await deployment.nginx?.waitForExit()
        killed += 1
        try await deployment.startNginx()
    }

    private mutating func killDuringForgetting() async throws {
        let forgetting = try deployment.forgetting("\(ForgottenVisitor.id)\n")
        try await wait(milliseconds: 0...120)
        try await killAggregator()
        await forgetting.waitForExit()
    }

    private mutating func killDuringBackup() async throws {
        let backup = try deployment.backingUp(to: "backup-\(steps)")
        try await wait(milliseconds: 0...40)
        try await killAggregator()
        await backup.waitForExit()
        try? FileManager.default.removeItem(atPath: deployment.path("backup-\(steps)"))
    }

    // MARK: Less than a kill

    private mutating func stop(_ process: RunningProcess?, milliseconds: ClosedRange<Int>) async throws {
        process?.signal(SIGSTOP)
        try await wait(milliseconds: milliseconds)
        process?.signal(SIGCONT)
    }

    private func restart() async throws {
        try await expectToEnd(deployment.aggregator)
        try await deployment.startAggregator()
        try await expectToEnd(deployment.responder)
        try await deployment.startResponder()
    }

    private func expectToEnd(_ process: RunningProcess?) async throws {
        let process = try #require(process)
        process.signal(SIGTERM)
        let status = await process.waitForExit()
        await process.waitForEnd()
        #expect(status == 0, "\(process.text)")
    }

    private mutating func reload() async throws {
        for process in [deployment.aggregator, deployment.responder, deployment.nginx].shuffled(using: &random) {
            process?.signal(SIGHUP)
            try await wait(milliseconds: 0...5)
        }
        if Bool.random(using: &random) { try await killResponder() }
    }

    private mutating func wait(milliseconds: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: milliseconds, using: &random)))
    }
}

/// A visitor whom an operator has erased while daemons die.
struct ForgottenVisitor {
    static let id = "forgotten"

    private let pseudonym: Data

    /// Records the visitor, under rule versions of its own.
    init(in deployment: Deployment) async throws {
        for number in 1...5 {
            let request = ConversionRequest(
                cookie: "blaize_tracking_id=\(Self.id); blaize_session=s",
                body: ConversionRequest.body(rule: "forgotten-\(number)"))
            #expect(try await deployment.send(request).status == 201)
        }
        try await deployment.waitUntilCounted()
        pseudonym = try await deployment.pseudonymUnderAllRules()
        #expect(try deployment.files(holding: pseudonym) != [])
    }

    func expectForgotten(by deployment: Deployment) async throws {
        let forgetting = try await deployment.forget("\(Self.id)\n")
        #expect(forgetting.status == 0, "\(forgetting.text)")
        #expect(try deployment.files(holding: pseudonym) == [])
    }
}

extension Deployment {
    func backingUp(to name: String) throws -> RunningProcess {
        try RunningProcess(Executables.operatorTool, ["backup", path(name), "--config", configurationPath])
    }
}
