import Records
import Storage
import TestSupport

@testable import Responder

/// What happens in a schedule, chosen at random, and the calm in which it ends.
extension Simulation {
    private static let day: Int64 = 24 * 60 * 60 * 1000

    private enum Step: CaseIterable {
        case request, severalRequests, retry
        case flush, toAggregator, toResponder, commit, carry, exchange
        case fold, keep, erase, time, week
        case connect, breakLink, killResponder, startResponder
        case kill, failPower, startAggregator
        case diskFault, deathByOperation, fullDisk, clock

        /// How often it is chosen, beside the others.
        var weight: Int {
            switch self {
            case .request, .exchange: 12
            case .flush, .toAggregator, .toResponder, .commit, .carry, .connect, .startAggregator: 8
            case .severalRequests, .retry, .fold, .deathByOperation: 5
            case .keep, .time, .startResponder, .diskFault: 3
            case .breakLink, .kill, .failPower, .erase: 2
            case .week, .killResponder, .fullDisk, .clock: 1
            }
        }
    }

    private static let choices = Step.allCases.flatMap { Array(repeating: $0, count: $0.weight) }

    /// Runs the schedule, and what comes of it in the end.
    func run(steps count: Int) async throws {
        for place in 0..<Self.respondersCount { startResponder(place) }
        try await startAggregator()
        for _ in 0..<count {
            let step = Self.choices.randomElement(using: &random) ?? .exchange
            // Nobody leaves it dead for long.
            try await take(aggregator == nil && chance(3) ? .startAggregator : step)
            try witness.check()
        }
        try await end()
    }

    private func chance(_ share: Int) -> Bool {
        Int.random(in: 0..<share, using: &random) == 0
    }

    private func below(_ bound: Int) -> Int {
        Int.random(in: 0..<max(1, bound), using: &random)
    }

    private func take(_ step: Step) async throws {
        let place = below(responders.count)
        note("\(step) \(place)")
        switch step {
        case .request: try hand(requests.add(), to: place)
        case .severalRequests: for _ in 0...below(8) { try hand(requests.add(), to: place) }
        case .retry: if requests.count > 0 { try hand(retried(), to: place) }
        case .flush: flush(place)
        case .toAggregator: try await deliver(place, toAggregator: below((links[place]?.toAggregator.count ?? 0) + 1))
        case .toResponder: try deliver(place, toResponder: below((links[place]?.toResponder.count ?? 0) + 1))
        case .commit: try await commitWaiting()
        case .carry: await carryMessages()
        case .exchange: try await exchange()
        case .fold: try await fold()
        case .keep: try await keep(rounds: 4)
        case .erase: await erase()
        case .time: try pass(milliseconds: Int64(below(30)))
        case .week: try pass(milliseconds: 8 * Self.day)
        case .connect: connect(place)
        case .breakLink: try await breakLink(place)
        case .killResponder: try await killResponder(place)
        case .startResponder: if responders[place] == nil { startResponder(place) }
        case .kill: if aggregator != nil { try await endAggregator(powerFails: false) }
        case .failPower: if aggregator != nil { try await endAggregator(powerFails: true) }
        case .startAggregator: try await startAggregator()
        case .diskFault:
            disk.arm(Disk.Fault.allCases.randomElement(using: &random) ?? .writing, afterOperations: below(6))
        case .deathByOperation: disk.arm(.death, afterOperations: below(chance(4) ? 60 : 12))
        case .fullDisk: setFull(!isDiskFull)
        case .clock:
            clock.set(offMilliseconds: [0, 0, -5000, 90_000, 3 * Self.day, -400 * Self.day, 4000 * Self.day][below(7)])
        }
    }

    /// Most often one of the latest.
    private func retried() -> Int {
        chance(4) ? below(requests.count) : max(0, requests.count - 1 - below(8))
    }

    private func setFull(_ isFull: Bool) {
        isDiskFull = isFull
        disk.setFull(isFull)
    }

    // MARK: The aggregator's work

    private func commitWaiting() async throws {
        try await allowingDeath { try await self.aggregator?.commitWaiting() }
    }

    /// All that is under way arrives and is answered.
    private func exchange() async throws {
        for place in responders.indices {
            connect(place)
            flush(place)
            try await deliver(place, toAggregator: links[place]?.toAggregator.count ?? 0)
        }
        try await commitWaiting()
        await carryMessages()
        for place in responders.indices { try deliver(place, toResponder: links[place]?.toResponder.count ?? 0) }
    }

    private func fold() async throws {
        try await allowingDeath {
            let obstacle = try await self.aggregator?.foldAll()
            if let obstacle, !self.isDiskFull, self.disk.faultCount == 0 { throw Violation("no fold: \(obstacle)") }
            if obstacle == nil { try await self.checkCounts() }
        }
    }

    private func keep(rounds: Int) async throws {
        let isAnew = chance(3)
        try await allowingDeath {
            for round in 0..<rounds { _ = try await self.aggregator?.keep(anew: isAnew && round == 0) }
        }
    }

    /// The store counts what is in the journal up to its place, each record as often as it is there.
    private func checkCounts() async throws {
        guard let aggregator else { return }
        let expected = witness.counts(through: await aggregator.folded)
        disk.pause(true)
        defer { disk.pause(false) }
        let counts = try await Requests.counts(in: aggregator.store)
        try check(counts, expected)
    }

    private func check(_ counts: [Int: Int], _ expected: [RecordID: Int]) throws {
        for request in 0..<requests.count {
            let (found, count) = (counts[request] ?? 0, expected[Requests.id(of: request)] ?? 0)
            guard found == count else {
                throw Violation("request \(request) is counted \(found) times, and recorded \(count) times")
            }
        }
        guard counts.values.reduce(0, +) == expected.values.reduce(0, +) else {
            throw Violation("something is counted that was never sent")
        }
    }

    // MARK: The end

    /// Nothing fails any more. Who waits is answered by 201, everything is counted, and counted anew it is the same.
    private func end() async throws {
        note("calm")
        disk.disarm()
        setFull(false)
        for place in responders.indices where responders[place] == nil { startResponder(place) }
        if chance(2) { try await endAggregator(powerFails: chance(2)) }
        try await restartCalmly()
        for place in responders.indices { try hand(requests.add(), to: place) }
        try await answerAll()
        if chance(2) {
            try await endAggregator(powerFails: true)
            try await restartCalmly()
        }
        try await fold()
        if chance(2) { try await keep(rounds: 20) }
        try await fold()
        try checkCreated()
        try await recount()
    }

    /// One that ran on may have a fault behind it, of which it has yet to end.
    private func restartCalmly() async throws {
        if aggregator != nil, disk.faultCount > 0 { try await endAggregator(powerFails: false) }
        try await startAggregator()
        guard aggregator != nil else { throw Violation("the aggregator does not start although nothing fails") }
    }

    private func answerAll() async throws {
        // What was refused while something failed may be on its way still.
        await carryMessages()
        for place in responders.indices { try deliver(place, toResponder: links[place]?.toResponder.count ?? 0) }
        let waiting = requests.waiting
        for _ in 0..<100 where !requests.waiting.isEmpty { try await exchange() }
        for attempt in waiting where requests.fate(of: attempt) != .durable {
            let fate = requests.fate(of: attempt).map { "\($0)" } ?? "never"
            throw Violation("request \(requests.request(of: attempt)) is answered \(fate) although nothing fails")
        }
    }

    /// What was answered by 201 is recorded, and the store counts what is recorded.
    private func checkCreated() throws(Violation) {
        let counts = witness.counts(through: .max)
        for request in requests.created where counts[Requests.id(of: request)] == nil {
            throw Violation("request \(request) was answered by 201 and is not counted")
        }
    }

    /// Deletes the store, and counts what the journal has.
    private func recount() async throws {
        try await aggregator?.close()
        disk.unmount()
        try disk.removeStore()
        let anew = try await SimulatedAggregator(
            loop: loop, disk: disk, clock: clock, witness: witness, recordIDsKept: recordIDsKept,
            inFlightMax: UInt32(inFlightMax), recounts: true)
        aggregator = anew
        let start = anew.journal.start
        _ = try anew.journal.verify(after: start)
        if let obstacle = try await anew.foldAll() { throw Violation("no fold: \(obstacle)") }
        let recorded = witness.counts(through: anew.journal.lastPosition.sequence, after: start.sequence)
        try checkRecounted(try await Requests.counts(in: anew.store), recorded)
        try await anew.close()
    }
}
