import Analytics

extension OutcomesReport {
    /// Whether anything is counted; a rule version that is declared has a report without.
    var hasCounts: Bool {
        outcomes.contains { outcome in outcome.exposures > 0 || outcome.conversions.contains { $0.events > 0 } }
    }

    /// The names of the groups that hold for exposures from now on. A group begins with a quarter of an hour, so one
    /// that begins after `asOf` is still to begin. RFC 3339 in UTC sorts as time does.
    var groupsInForce: Set<String> {
        Set(groups.filter { $0.start.text <= asOf.text }.map(\.name))
    }
}
