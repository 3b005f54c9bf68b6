import Records
import Synchronization

@testable import Aggregator

/// What is asked to be erased in a schedule, and what has to be gone for it.
final class Erasures: Sendable {
    private struct State {
        var subjects: Set<Subject> = []
        var gone: Set<RecordID> = []
    }

    private let state = Mutex(State())

    /// Whether some of a subject's records may be gone from the journal.
    func mayHaveErased(_ subject: Subject) -> Bool { state.withLock { $0.subjects.contains(subject) } }

    /// Whether a record is gone from the journal, as was said.
    func hasErased(_ id: RecordID) -> Bool { state.withLock { $0.gone.contains(id) } }

    /// - Parameter recorded: the subject's records that have been answered for.
    func request(_ subject: Subject, recorded: Set<RecordID>, on disk: Disk) -> ErasureRequest {
        state.withLock { _ = $0.subjects.insert(subject) }
        return ErasureRequest(
            subjects: [subject], progress: { _ in },
            reply: { _ in
                // What a dead process says nobody hears.
                if !disk.isDead { self.state.withLock { $0.gone.formUnion(recorded) } }
            })
    }
}

extension Simulation {
    /// An operator asks for one of the subjects to be forgotten.
    func erase() async {
        guard requests.count > 0 else { return }
        let subject = Requests.subject(of: Int.random(in: 0..<requests.count, using: &random))
        let ids = (0..<requests.count).filter { Requests.subject(of: $0) == subject }.map { Requests.id(of: $0) }
        let recorded = witness.acknowledged.intersection(ids)
        await aggregator?.erase(erasures.request(subject, recorded: recorded, on: disk))
    }

    /// What a store made anew has to count: what the journal has, but for what is erased.
    func checkRecounted(_ counts: [Int: Int], _ recorded: [RecordID: Int]) throws(Violation) {
        for request in 0..<requests.count {
            let id = Requests.id(of: request)
            let (found, count) = (counts[request] ?? 0, recorded[id] ?? 0)
            // Where few ids are remembered, a record that is sent again may be a new one.
            let isGone = erasures.hasErased(id) && recordIDsKept == Self.recordIDsKeptMax
            let least = erasures.mayHaveErased(Requests.subject(of: request)) ? 0 : count
            guard (least...(isGone ? 0 : count)).contains(found) else {
                throw Violation("request \(request), recorded \(count) times, is counted anew \(found) times")
            }
        }
    }
}
