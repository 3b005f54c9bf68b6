import Records
import Storage

/// The counting rules once more, in the most obvious form: sets and dictionaries, nothing kept incrementally.
struct NaiveStore {
    private let limits: DimensionLimits
    private var seen: [Key: Set<Subject>] = [:]
    private var times: [Key: [Int64]] = [:]
    /// Names in the order they came.
    private var sites: [DimensionName] = []
    private var rules: [DimensionName: [DimensionName]] = [:]
    private var outcomes: [[DimensionName]: [DimensionName]] = [:]
    private var conversions: [[DimensionName]: [DimensionName]] = [:]

    struct Key: Hashable {
        let site: DimensionName
        let rule: DimensionName
        let outcome: DimensionName
        let conversion: DimensionName
    }

    init(limits: DimensionLimits) {
        self.limits = limits
    }

    mutating func add(_ record: Record) {
        let site = Self.name(record.site, among: &sites, max: limits.sitesMax)
        let rule = Self.name(
            record.event.ruleID, among: &rules[site, default: []],
            max: site == .other ? 0 : limits.rulesPerSiteMax)
        let outcome = Self.name(
            record.event.outcomeID, among: &outcomes[[site, rule], default: []],
            max: rule == .other ? 0 : limits.outcomesPerRuleMax)
        let conversion = Self.name(
            record.event.conversionName ?? "", among: &conversions[[site, rule, outcome], default: []],
            max: limits.conversionsPerOutcomeMax)
        let key = Key(site: site, rule: rule, outcome: outcome, conversion: conversion)
        seen[key, default: []].insert(record.subject)
        times[key, default: []].append(record.timeMilliseconds)
    }

    func siteNames() -> [DimensionName] {
        sites.sorted()
    }

    func summaries(site: DimensionName) -> [RuleSummary] {
        let rules = Dictionary(grouping: times.keys.filter { $0.site == site }, by: \.rule)
        return rules.map { rule, keys in
            let times = keys.flatMap { self.times[$0] ?? [] }
            return RuleSummary(
                rule: rule, firstEventMilliseconds: times.min() ?? 0, lastEventMilliseconds: times.max() ?? 0,
                events: times.count, outcomes: Set(keys.map(\.outcome)).count)
        }.sorted {
            ($1.lastEventMilliseconds, $0.rule) < ($0.lastEventMilliseconds, $1.rule)
        }
    }

    func report(site: DimensionName, rule: DimensionName) -> RuleReport? {
        let keys = times.keys.filter { $0.site == site && $0.rule == rule }
        guard !keys.isEmpty else { return nil }
        let outcomes = Dictionary(grouping: keys, by: \.outcome).sorted { $0.key < $1.key }
        return RuleReport(
            rule: rule,
            outcomes: outcomes.map { outcome, keys in
                OutcomeReport(
                    outcome: outcome, conversions: keys.map(conversion).sorted { $0.conversion < $1.conversion })
            })
    }

    private func conversion(_ key: Key) -> ConversionReport {
        let times = times[key] ?? []
        return ConversionReport(
            conversion: key.conversion, subjects: seen[key]?.count ?? 0, events: times.count,
            firstEventMilliseconds: times.min() ?? 0, lastEventMilliseconds: times.max() ?? 0)
    }

    private static func name(_ text: String, among known: inout [DimensionName], max: Int) -> DimensionName {
        let name = DimensionName(text)
        if known.contains(name) { return name }
        guard known.count < max else { return .other }
        known.append(name)
        return name
    }
}
