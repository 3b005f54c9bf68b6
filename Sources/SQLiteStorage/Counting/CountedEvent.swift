import Records

/// A record whose names have become ids.
struct CountedEvent: Comparable {
    let ruleID: Int64
    let subject: Subject
    let outcomeID: Int64
    /// nil for an exposure.
    let conversionID: Int64?
    let milliseconds: Int64

    /// The order of the table of subjects, so that each of its pages is visited once.
    static func < (left: CountedEvent, right: CountedEvent) -> Bool {
        if left.ruleID != right.ruleID { return left.ruleID < right.ruleID }
        return left.subject < right.subject
    }

    func isOfSameSubject(as other: CountedEvent) -> Bool {
        ruleID == other.ruleID && subject == other.subject
    }
}
