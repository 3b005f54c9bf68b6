import Records

/// What answers are told apart by.
public struct AnswerKind: Hashable, Sendable {
    /// nil for a call of something else, or where the responder did not tell.
    public let door: Door?
    /// The HTTP status; 0 where nobody waits for an answer.
    public let status: Int
    /// A short name of what led to it: `durable`, `origin`, `expired`, `excluded:bot`.
    public let reason: String

    public init(door: Door?, status: Int, reason: String) {
        self.door = door
        self.status = status
        self.reason = reason
    }
}

/// Answers that responders gave to a site's requests within a quarter of an hour.
public struct GivenAnswers: Hashable, Sendable {
    /// A rule version and one of its outcomes, as a request named them.
    public struct Outcome: Hashable, Sendable {
        public let rule: DimensionName
        public let outcome: DimensionName

        public init(rule: DimensionName, outcome: DimensionName) {
            self.rule = rule
            self.outcome = outcome
        }
    }

    public let site: DimensionName
    /// nil where the request was refused before that was known.
    public let outcome: Outcome?
    public let kind: AnswerKind
    public let quarter: Quarter
    public let count: Int

    public init(site: DimensionName, outcome: Outcome?, kind: AnswerKind, quarter: Quarter, count: Int) {
        self.site = site
        self.outcome = outcome
        self.kind = kind
        self.quarter = quarter
        self.count = count
    }
}

/// How many answers of one kind were given.
public struct AnswerCounts: Hashable, Sendable {
    /// nil where answers are not told apart by outcome.
    public let outcome: DimensionName?
    public let kind: AnswerKind
    public let count: Int

    public init(outcome: DimensionName?, kind: AnswerKind, count: Int) {
        self.outcome = outcome
        self.kind = kind
        self.count = count
    }
}

extension AnswerCounts: Comparable {
    /// By outcome, those that are not told apart last, then by door, status and reason.
    public static func < (left: AnswerCounts, right: AnswerCounts) -> Bool {
        if left.outcome != right.outcome {
            guard let first = left.outcome, let second = right.outcome else { return left.outcome != nil }
            return first < second
        }
        let key = { (answer: AnswerCounts) in
            (answer.kind.door?.rawValue ?? 0, answer.kind.status, answer.kind.reason)
        }
        return key(left) < key(right)
    }
}
