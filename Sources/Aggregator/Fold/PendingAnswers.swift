import ForwardProtocol
import Storage
import Synchronization

/// Answers that responders told of, until the store has noted them.
final class PendingAnswers: Sendable {
    /// A store that cannot be written to must not make this grow; what goes beyond is told apart no more by outcome, and then
    /// is dropped. Answers are informative.
    private static let outcomesMax = 8192
    /// What strangers can send, of outcomes that they make up, leaves room for what says something of visitors.
    private static let strangersOutcomesMax = 2048
    private static let keysMax = 16_384

    private struct Key: Hashable {
        let kind: TallyEntry.Kind
        let quarter: Quarter
    }

    private let counts = Mutex<[Key: UInt64]>([:])
    private let onNew: @Sendable () -> Void

    /// `onNew` is called when there is something to note.
    init(onNew: @escaping @Sendable () -> Void) {
        self.onNew = onNew
    }

    /// - Parameter nowMilliseconds: the time of day, since 1970, UTC.
    func told(_ entries: [TallyEntry], nowMilliseconds: Int64) {
        let quarter = Quarter(containing: nowMilliseconds)
        counts.withLock { counts in
            for entry in entries {
                Self.add(
                    min(entry.count, TallyEntry.countMax), of: Key(kind: entry.kind, quarter: quarter), to: &counts)
            }
        }
        onNew()
    }

    /// What is to be noted; whoever cannot do it now gives it back.
    func take() -> [GivenAnswers] {
        counts.withLock { counts in
            defer { counts = [:] }
            return counts.map { GivenAnswers($0.key.kind, quarter: $0.key.quarter, count: $0.value) }
        }
    }

    func giveBack(_ answers: [GivenAnswers]) {
        counts.withLock { counts in
            for answer in answers {
                Self.add(
                    UInt64(answer.count), of: Key(kind: TallyEntry.Kind(answer), quarter: answer.quarter), to: &counts)
            }
        }
    }

    private static func add(_ count: UInt64, of key: Key, to counts: inout [Key: UInt64]) {
        let general = Key(kind: key.kind.ofAnyOutcome, quarter: key.quarter)
        let outcomesMax = key.kind.isVisitors ? outcomesMax : strangersOutcomesMax
        for (key, max) in [(key, outcomesMax), (general, keysMax)] where counts[key] != nil || counts.count < max {
            counts[key, default: 0] &+= count
            return
        }
    }
}

extension GivenAnswers {
    fileprivate init(_ kind: TallyEntry.Kind, quarter: Quarter, count: UInt64) {
        self.init(
            site: DimensionName(kind.site),
            outcome: kind.outcome.map {
                Outcome(rule: DimensionName($0.ruleID), outcome: DimensionName($0.outcomeID))
            }, kind: AnswerKind(door: kind.door, status: Int(kind.status), reason: kind.reason), quarter: quarter,
            count: Int(clamping: count))
    }
}

extension TallyEntry.Kind {
    fileprivate init(_ answers: GivenAnswers) {
        self.init(
            site: answers.site.description, door: answers.kind.door, status: UInt16(clamping: answers.kind.status),
            reason: answers.kind.reason,
            outcome: answers.outcome.map {
                TallyEntry.Outcome(ruleID: $0.rule.description, outcomeID: $0.outcome.description)
            })
    }
}
