extension RulesReader {
    static let weightMax = 1_000_000
    static let windowDaysMax = 90
    static let tauAllowed = 0.0001...0.5

    /// The groups of one rule.
    mutating func groups(_ entry: Entry, titled title: String) -> [OutcomeGroup] {
        grouped = [:]
        var groups: [OutcomeGroup] = []
        for entry in entries(of: entry, titled: title.shown) ?? [] {
            checkName(entry, of: "a group")
            if let group = group(entry, titled: "\(title).\(entry.key)") { groups.append(group) }
        }
        return groups
    }

    private mutating func group(_ entry: Entry, titled title: String) -> OutcomeGroup? {
        guard let section = section(entry, titled: title.shown, RuleKeys.Group.self) else { return nil }
        let shares = required(.outcomes, of: section, as: "a section with each outcome's id and its weight, `ID: 50`")
            .flatMap { self.shares($0, titled: "\(title).outcomes") }
        let baseline = required(.baseline, of: section, as: "the id of one of the outcomes")
            .flatMap { id($0, .outcome) }
        let conversion = required(.conversion, of: section, as: "the name of the primary conversion, such as CUSTOMER")
            .flatMap { id($0, .conversion) }
        let windowDays = wholeNumber(section[.windowDays], in: 1...Self.windowDaysMax)
        let tau = decimalNumber(section[.tau], in: Self.tauAllowed)
        if let shares, let baseline, let entry = section[.baseline] { check(baseline, entry, isAmong: shares) }
        guard let shares, let baseline, let conversion else { return nil }
        var group = OutcomeGroup(name: entry.key, shares: shares, baseline: baseline, conversion: conversion)
        group.windowDays = windowDays ?? group.windowDays
        group.tau = tau ?? group.tau
        return group
    }

    /// The outcomes of a group with their weights; nil when one of them is wrong.
    private mutating func shares(_ entry: Entry, titled title: String) -> [OutcomeGroup.Share]? {
        guard let entries = entries(of: entry, titled: title.shown) else { return nil }
        if entries.count < 2 {
            note(
                entry.line, "\(title.shown) must have at least two outcomes, each with its weight, not \(entries.count)"
            )
        }
        var shares: [OutcomeGroup.Share] = []
        for entry in entries {
            let weight = wholeNumber(entry.titled("the weight of \(entry.title)"), in: 1...Self.weightMax)
            guard let id = id(ofKey: entry, .outcome) else { continue }
            checkIsAlone(id, entry)
            if let weight { shares.append(OutcomeGroup.Share(outcome: id, weight: weight)) }
        }
        return shares.count == entries.count ? shares : nil
    }

    /// Refuses an outcome that another group of the rule has.
    private mutating func checkIsAlone(_ id: OpaqueID, _ entry: Entry) {
        if let earlier = grouped[id] {
            let place = earlier.line.map { "on line \($0)" } ?? "further up"
            note(entry.line, "\(entry.title) is in another group of this rule already, \(place): take it out of one")
        }
        grouped[id] = entry
    }

    private mutating func check(_ baseline: OpaqueID, _ entry: Entry, isAmong shares: [OutcomeGroup.Share]) {
        guard let first = shares.first, !shares.contains(where: { $0.outcome == baseline }) else { return }
        let expected = "one of the group's outcomes, such as \(first.outcome.text.shown)"
        note(entry, mustBe: expected, "not \(baseline.text.shown)")
    }
}
