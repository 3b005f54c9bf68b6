import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite(
        "A disk that fails and forgets, held against a ledger",
        .disabled(if: FaultRun.isSanitized, "the disk is a library that is loaded first"))
    struct StorageFaultTests {
        @Test("the power fails under load: every 201 is counted once, whichever unsynced writes are lost")
        func powerFailures() async throws {
            var run = FaultRun("power failures")
            let deployment = try Deployment(aggregator: Ledger.limits)
            let disk = try FaultyDisk(under: deployment, forgets: true)
            let environment = try await deployment.start(on: disk)
            let ledger = Ledger(seed: run.seed)
            let load = ledger.load(port: deployment.port)
            let sending = load.start(concurrency: 16)
            for _ in 0..<FaultRun.count(short: 12, long: 250, variable: "FAULT_POWER_FAILURES") {
                let goal = load.count(of: 201) + Int.random(in: 1...400, using: &run.random)
                try await eventually("requests are acknowledged") { load.count(of: 201) >= goal }
                deployment.aggregator?.signal(SIGKILL)
                await deployment.aggregator?.waitForExit()
                try disk.losePower(random: &run.random)
                try await deployment.startAggregator(environment: environment)
            }
            load.stop()
            await sending.value
            try await ledger.audit(deployment)
        }

        @Test(
            "a commit that was read after a kill, and answered for when it came again, is there after a power failure")
        func killedBeforeSync() async throws {
            var run = FaultRun("killed before the sync")
            // Time enough to be killed and started again, on any machine.
            let deployment = try Deployment(
                responder: "deadlineMilliseconds: 30000", aggregator: Ledger.limits,
                nginx: { $1.replacing("fastcgi_read_timeout 4s", with: "fastcgi_read_timeout 40s") })
            let disk = try FaultyDisk(under: deployment, forgets: true)
            let environment = try await deployment.start(on: disk)
            let ledger = Ledger(seed: run.seed)
            let number = try #require((0..<1000).first { ledger.kind(of: $0) == .conversion })
            disk.holdSyncs = true
            let request = ledger.request(number)
            let sending = Task { [port = deployment.port] in try await Deployment.send(request, port: port).status }
            try await eventually("the commit is written, and not synced") { disk.heldSyncs > 0 }
            deployment.aggregator?.signal(SIGKILL)
            await deployment.aggregator?.waitForExit()
            disk.holdSyncs = false
            // The responder sends the record again, and the aggregator has it already.
            try await deployment.startAggregator(environment: environment)
            ledger.note(number, try await sending.value)
            #expect(ledger.statuses == [number: 201])
            deployment.aggregator?.signal(SIGKILL)
            await deployment.aggregator?.waitForExit()
            try disk.losePower(keeping: 0, random: &run.random)
            try await deployment.startAggregator(environment: environment)
            try await ledger.audit(deployment)
        }

        @Test("a call of the disk fails, whichever: no 201 follows a failed sync, and every 201 is counted once")
        func everyPosition() async throws {
            var run = FaultRun("a failing call")
            let deployment = try Deployment(aggregator: Ledger.limits)
            let disk = try FaultyDisk(under: deployment, forgets: false)
            let environment = try await disk.environment()
            try deployment.spawnResponder()
            try await deployment.startNginx()
            disk.begin()
            var script = FaultScript(of: deployment, on: disk, environment: environment)
            try await script.run(Ledger(seed: run.seed), startingAt: 0)
            let calls = disk.calls
            #expect(calls > 50)
            let count = FaultRun.count(short: 16, long: 600, variable: "FAULT_POSITIONS")
            for index in 0..<count {
                // Each of them in turn, where there are enough runs for it; chosen by chance, where there are not.
                let position = count >= calls ? index % calls + 1 : Int.random(in: 1...calls, using: &run.random)
                let fault = FaultyDisk.Fault.allCases.randomElement(using: &run.random) ?? .inputOutput
                let times = [1, 1, 3, 50].randomElement(using: &run.random) ?? 1
                disk.begin(failing: fault, from: position, times: times)
                try await script.run(Ledger(seed: run.seed &+ UInt64(index)), startingAt: 0)
            }
            print("\(count) runs with failures among \(calls) calls: \(script.summary)")
            #expect(script.failed > 0)
        }
    }
}

extension Deployment {
    /// Starts all three; with what it returns the aggregator is started on that disk again.
    fileprivate func start(on disk: FaultyDisk) async throws -> [String: String] {
        let environment = try await disk.environment()
        try await startAggregator(environment: environment)
        try await startResponder()
        try await startNginx()
        return environment
    }
}

/// The same short life of an aggregator with a data directory of its own, again and again, on a disk that fails somewhere.
struct FaultScript {
    private static let requests = 24

    private let deployment: Deployment
    private let disk: FaultyDisk
    private let environment: [String: String]
    /// How many runs had a call that failed, an aggregator that did not start, one that ended, and a sync that failed.
    private(set) var failed = 0
    private var notStarted = 0
    private var ended = 0
    private var withoutSync = 0
    private var lostSyncsBefore = 0

    init(of deployment: Deployment, on disk: FaultyDisk, environment: [String: String]) {
        self.deployment = deployment
        self.disk = disk
        self.environment = environment
    }

    var summary: String {
        "\(failed) met one, \(notStarted) did not start, \(ended) ended, \(withoutSync) lost a sync of the journal"
    }

    mutating func run(_ ledger: Ledger, startingAt first: Int) async throws {
        try emptyDataDirectory()
        let aggregator = try deployment.spawnAggregator(environment: environment)
        await aggregator.wait(forText: "listening for responders")
        // An attempt to start that had no room was followed by another, which has written all anew.
        lostSyncsBefore = disk.lostSyncs
        if aggregator.text.contains("listening for responders") {
            try await send(ledger, first..<first + Self.requests)
        } else {
            notStarted += 1
        }
        aggregator.signal(SIGTERM)
        let status = await aggregator.waitForExit()
        await aggregator.waitForEnd()
        // Not a crash, and with one line that says why.
        #expect([0, 65, 69, 74].contains(status), "\(aggregator.text)")
        if status != 0 {
            ended += 1
            #expect(aggregator.text.contains(" critical "), "\(aggregator.text)")
        }
        if disk.failures > 0 { failed += 1 }
        if disk.lostSyncs > 0 { withoutSync += 1 }
        try await deployment.startAggregator()
        try await sendUntilRecorded(ledger, from: first + Self.requests)
        try await ledger.audit(deployment)
        deployment.aggregator?.signal(SIGTERM)
        await deployment.aggregator?.waitForExit()
    }

    private func send(_ ledger: Ledger, _ numbers: Range<Int>) async throws {
        for number in numbers {
            let wasLost = disk.lostSyncs > lostSyncsBefore
            let status = try await deployment.send(ledger.request(number)).status
            ledger.note(number, status)
            #expect(
                !wasLost || status != 201, "acknowledged after a sync had failed: \(deployment.aggregator?.text ?? "")")
        }
    }

    /// The responder finds the aggregator again by itself.
    private func sendUntilRecorded(_ ledger: Ledger, from first: Int) async throws {
        var number = first
        try await eventually("requests are recorded again") {
            let status = try await deployment.send(ledger.request(number)).status
            ledger.note(number, status)
            number += 1
            return status == 201
        }
    }

    private func emptyDataDirectory() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: deployment.path("data")) {
            try FileManager.default.removeItem(atPath: deployment.path("data/\(name)"))
        }
    }
}
