import Aggregator
import EventLoop
import Journal
import Records
import Storage
import TestSupport

@testable import Responder

/// One schedule: requests, responders, links, an aggregator and its disk, and what happens to them, step by step. All of it
/// follows from the seed.
actor Simulation: LoopActor {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.unownedExecutor }

    static let respondersCount = 2
    /// More than a schedule has records.
    static let recordIDsKeptMax = 1000

    nonisolated let loop: EventLoop
    let disk: Disk
    let clock = SimulatedClock()
    let witness: Witness
    let erasures = Erasures()
    let inFlightMax: Int
    let recordIDsKept: Int
    var random: SeededGenerator
    var requests = Requests()
    /// nil while it is dead.
    var responders: [SimulatedResponder?] = []
    /// nil while it is broken.
    var links: [SimulatedLink?] = Array(repeating: nil, count: respondersCount)
    var aggregator: SimulatedAggregator?
    var isDiskFull = false
    private var lastSerial = 0
    /// What has happened, a line for each step, with how much the disk had to do before.
    private(set) var steps: [String] = []
    private(set) var tally = Tally()

    /// How much of what a simulation is for has happened.
    struct Tally {
        var requests = 0
        var created = 0
        var faults = 0
        var deaths = 0
        var powerFailures = 0

        static func += (left: inout Tally, right: Tally) {
            left.requests += right.requests
            left.created += right.created
            left.faults += right.faults
            left.deaths += right.deaths
            left.powerFailures += right.powerFailures
        }
    }

    init(seed: UInt64, loop: EventLoop) throws {
        self.loop = loop
        random = SeededGenerator(seed: seed)
        disk = try Disk(seed: random.next())
        inFlightMax = Int.random(in: 2...12, using: &random)
        recordIDsKept = [12, 40, Self.recordIDsKeptMax].randomElement(using: &random) ?? Self.recordIDsKeptMax
        witness = Witness(disk: disk, window: recordIDsKept)
    }

    func note(_ step: String) {
        steps.append("\(clock.elapsedMilliseconds) ms, \(disk.operationCount) disk operations: \(step)")
    }

    // MARK: Responders

    func startResponder(_ place: Int) {
        let responder = SimulatedResponder(inFlightMax: inFlightMax, nowMilliseconds: clock.elapsedMilliseconds)
        if responders.indices.contains(place) { responders[place] = responder } else { responders.append(responder) }
    }

    /// What there was, once all is over.
    func count() -> Tally {
        tally.requests = requests.count
        tally.created = requests.created.count
        return tally
    }

    /// Hands a request, a new one or one that it has had before, to a responder; nobody answers where that is dead.
    func hand(_ request: Int, to place: Int) throws {
        guard responders[place] != nil else { return }
        let attempt = requests.attempt(request)
        let record = Requests.record(of: request, atMilliseconds: clock.wallMilliseconds)
        let fate = responders[place]?.submit(record, attempt: attempt, nowMilliseconds: clock.elapsedMilliseconds)
        if let fate { try answer(attempt, fate) }
    }

    func answer(_ attempt: Int, _ fate: ForwardingFate) throws {
        try requests.answer(attempt, fate, acknowledged: witness.acknowledged)
    }

    func killResponder(_ place: Int) async throws {
        try await breakLink(place)
        for attempt in responders[place]?.attempts ?? [] { requests.lose(attempt) }
        responders[place] = nil
    }

    func pass(milliseconds: Int64) throws {
        clock.pass(milliseconds: milliseconds)
        for place in responders.indices {
            for resolution in responders[place]?.expire(nowMilliseconds: clock.elapsedMilliseconds) ?? [] {
                try answer(resolution.waiter, resolution.fate)
            }
        }
    }

    // MARK: Links

    func connect(_ place: Int) {
        guard links[place] == nil, responders[place] != nil, aggregator != nil else { return }
        lastSerial += 1
        links[place] = SimulatedLink(serial: lastSerial)
        responders[place]?.connect()
    }

    /// What is on its way may arrive before either end notices.
    func breakLink(_ place: Int) async throws {
        guard let link = links[place] else { return }
        try await deliver(place, toAggregator: Int.random(in: 0...link.toAggregator.count, using: &random))
        try deliver(place, toResponder: Int.random(in: 0...link.toResponder.count, using: &random))
        links[place] = nil
        responders[place]?.disconnect(nowMilliseconds: clock.elapsedMilliseconds)
        aggregator?.onLoop(link.serial) { $0.forget($1) }
    }

    /// A responder writes to its socket.
    func flush(_ place: Int) {
        guard let link = links[place] else { return }
        let bytes = responders[place]?.flush(room: link.room, sentMilliseconds: clock.wallMilliseconds) ?? []
        links[place]?.toAggregator += bytes
    }

    func deliver(_ place: Int, toAggregator count: Int) async throws {
        guard let serial = links[place]?.serial, let bytes = links[place]?.toAggregator.takeFirst(count) else { return }
        try await aggregator?.receive(bytes, on: serial)
    }

    func deliver(_ place: Int, toResponder count: Int) throws {
        guard let bytes = links[place]?.toResponder.takeFirst(count) else { return }
        for resolution in try responders[place]?.receive(bytes) ?? [] {
            try answer(resolution.waiter, resolution.fate)
        }
    }

    /// What the aggregator has said is on its way.
    func carryMessages() async {
        for message in await aggregator?.takeMessages() ?? [] {
            guard let place = links.firstIndex(where: { $0?.serial == message.link }) else { continue }
            links[place]?.toResponder += message.bytes
        }
    }

    // MARK: The aggregator

    /// Starts it on what the disk has, where it does not run. It may die of that.
    func startAggregator() async throws {
        guard aggregator == nil else { return }
        try await allowingDeath {
            self.aggregator = try await SimulatedAggregator(
                loop: self.loop, disk: self.disk, clock: self.clock, witness: self.witness,
                recordIDsKept: self.recordIDsKept, inFlightMax: UInt32(self.inFlightMax))
        }
    }

    /// Does something in the aggregator's process, which may die of the disk, but of nothing else.
    func allowingDeath(_ body: () async throws -> Void) async throws {
        do {
            try await body()
            try witness.check()
            if !disk.isDead { return }
            note("  it dies there")
        } catch let error as Violation {
            throw error
        } catch {
            try witness.check()
            guard disk.isDead || mayEnd(error) else { throw Violation("the aggregator ends: \(error)") }
            note("  it ends: \(disk.text(error))")
        }
        try await endAggregator(powerFails: Int.random(in: 0..<2, using: &random) == 0)
    }

    /// What a start finds wrong never comes of a disk that failed before.
    private func mayEnd(_ error: any Error) -> Bool {
        switch error {
        case JournalError.broken, StorageError.damaged, is RecoveryError: false
        case JournalError.full, StorageError.full: isDiskFull || disk.faultCount > 0
        default: disk.faultCount > 0
        }
    }

    /// The end of its process, and maybe of the machine, at any moment.
    func endAggregator(powerFails: Bool) async throws {
        disk.die()
        tally.deaths += 1
        tally.faults += disk.faultCount
        if powerFails {
            tally.powerFailures += 1
            note("  the power fails")
        }
        try await aggregator?.close()
        aggregator = nil
        for place in links.indices { try await breakLink(place) }
        disk.revive(powerFailed: powerFails)
    }

    /// Lets go of what a schedule that failed has open.
    func abandon() async {
        disk.die()
        try? await aggregator?.close()
        aggregator = nil
        disk.unmount()
    }
}
