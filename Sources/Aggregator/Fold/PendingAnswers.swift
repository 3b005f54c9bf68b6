import Records
import Storage

/// Answers that responders told of, until the store has noted them.
struct PendingAnswers {
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

    private var counts: [Key: UInt64] = [:]

    mutating func add(_ entries: [TallyEntry], quarter: Quarter) {
        for entry in entries {
            add(min(entry.count, TallyEntry.countMax), of: Key(kind: entry.kind, quarter: quarter))
        }
    }

    /// What could not be noted comes back.
    mutating func add(_ answers: [GivenAnswers]) {
        for answer in answers {
            add(UInt64(answer.count), of: Key(kind: TallyEntry.Kind(answer), quarter: answer.quarter))
        }
    }

    /// Gives up all.
    mutating func take() -> [GivenAnswers] {
        defer { counts = [:] }
        return counts.map { GivenAnswers($0.key.kind, quarter: $0.key.quarter, count: $0.value) }
    }

    private mutating func add(_ count: UInt64, of key: Key) {
        let general = Key(kind: key.kind.ofAnyOutcome, quarter: key.quarter)
        let outcomesMax = key.kind.isVisitors ? Self.outcomesMax : Self.strangersOutcomesMax
        for (key, max) in [(key, outcomesMax), (general, Self.keysMax)] where counts[key] != nil || counts.count < max {
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
