import Records
import Storage

/// The counting rules once more, in the most obvious form: every event is kept, and each question is answered from all of
/// them. Written from what is promised, and knows nothing of how a store does it.
struct ReferenceModel {
    private struct Occurrence {
        let site: DimensionName
        let rule: DimensionName
        let outcome: DimensionName
        /// nil for an exposure.
        let conversion: DimensionName?
        let subject: Subject
        let time: Int64
    }

    private struct RuleKey: Hashable {
        let site: DimensionName
        let rule: DimensionName
    }

    private static let day: Int64 = 86_400_000
    private static let lead: Int64 = 1_800_000

    private let limits: DimensionLimits
    private var declared = DeclaredNames.none
    private var occurrences: [RuleKey: [Occurrence]] = [:]
    private var windows: [DimensionName: [WindowPeriod]] = [:]
    private var groups: [RuleKey: [GroupPeriod]] = [:]
    /// Names in the order they came.
    private var sites: [DimensionName] = []
    private var rules: [DimensionName: [DimensionName]] = [:]
    private var outcomes: [[DimensionName]: [DimensionName]] = [:]
    private var conversions: [[DimensionName]: [DimensionName]] = [:]

    init(limits: DimensionLimits = DimensionLimits()) {
        self.limits = limits
    }

    // MARK: What happens

    mutating func add(_ record: Record) {
        let site = Self.name(
            DimensionName(record.site), among: &sites, max: limits.sitesMax,
            isDeclared: declared.sites[DimensionName(record.site)] != nil)
        let declaredRule = declared.sites[site]?.rules[DimensionName(record.event.ruleID)]
        let rule = Self.name(
            DimensionName(record.event.ruleID), among: &rules[site, default: []],
            max: site == .other ? 0 : limits.rulesPerSiteMax, isDeclared: declaredRule != nil)
        let outcomeName = DimensionName(record.event.outcomeID)
        let outcome = Self.name(
            outcomeName, among: &outcomes[[site, rule], default: []],
            max: rule == .other ? 0 : limits.outcomesPerRuleMax,
            isDeclared: declaredRule?.outcomes.contains(outcomeName) == true)
        let conversion = record.event.conversionName.map { text in
            let name = DimensionName(text)
            return Self.name(
                name, among: &conversions[[site, rule, outcome], default: []], max: limits.conversionsPerOutcomeMax,
                isDeclared: declaredRule?.conversions.contains(name) == true)
        }
        occurrences[RuleKey(site: site, rule: rule), default: []].append(
            Occurrence(
                site: site, rule: rule, outcome: outcome, conversion: conversion, subject: record.subject,
                time: record.timeMilliseconds))
    }

    mutating func declare(_ declared: DeclaredNames, nowMilliseconds: Int64) {
        self.declared = declared
        for key in groups.keys {
            let stay = declared.sites[key.site]?.rules[key.rule]?.groups ?? []
            groups[key] = groups[key]?.compactMap { period in
                stay.first { Self.isSame($0, period.group) }.map { GroupPeriod(group: $0, start: period.start) }
            }
        }
        for (siteName, site) in declared.sites {
            _ = Self.name(siteName, among: &sites, max: 0, isDeclared: true)
            declareWindow(site.windowDays, site: siteName, nowMilliseconds)
            for (ruleName, rule) in site.rules where !rule.groups.isEmpty {
                _ = Self.name(ruleName, among: &rules[siteName, default: []], max: 0, isDeclared: true)
                let key = RuleKey(site: siteName, rule: ruleName)
                for group in rule.groups where !(groups[key] ?? []).contains(where: { $0.group == group }) {
                    for share in group.shares {
                        _ = Self.name(
                            share.outcome, among: &outcomes[[siteName, ruleName], default: []], max: 0,
                            isDeclared: true)
                        for name in [group.conversion] + group.guardrails.map(\.conversion) {
                            _ = Self.name(
                                name, among: &conversions[[siteName, ruleName, share.outcome], default: []], max: 0,
                                isDeclared: true)
                        }
                    }
                    let start = Self.start(after: occurrences[key] ?? [], nowMilliseconds)
                    groups[key, default: []].append(GroupPeriod(group: group, start: start))
                }
            }
        }
    }

    /// Names, and the order of outcomes, make no other group.
    private static func isSame(_ left: DeclaredGroup, _ right: DeclaredGroup) -> Bool {
        let sorted = { (group: DeclaredGroup) in
            DeclaredGroup(
                name: "", shares: group.shares.sorted { $0.outcome < $1.outcome }, baseline: group.baseline,
                conversion: group.conversion, windowDays: group.windowDays, tau: group.tau,
                guardrails: group.guardrails.sorted { $0.conversion < $1.conversion })
        }
        return sorted(left) == sorted(right)
    }

    private mutating func declareWindow(_ days: Int, site: DimensionName, _ now: Int64) {
        let periods = windows(of: site)
        guard periods.last?.days != days else { return }
        let all = occurrences.filter { $0.key.site == site }.flatMap(\.value)
        guard !all.isEmpty else {
            windows[site] = [WindowPeriod(start: Range<Quarter>.all.lowerBound, days: days)]
            return
        }
        let start = Self.start(after: all, now)
        windows[site] = periods.filter { $0.start < start } + [WindowPeriod(start: start, days: days)]
    }

    /// The next quarter of an hour in which nothing has happened yet.
    private static func start(after occurrences: [Occurrence], _ now: Int64) -> Quarter {
        let after = max(now, (occurrences.map(\.time).max() ?? .min) + 1)
        let quarter = Quarter(containing: after)
        return quarter.startMilliseconds == after ? quarter : Quarter(quarter.number + 1)
    }

    private static func name(
        _ name: DimensionName, among known: inout [DimensionName], max: Int, isDeclared: Bool
    ) -> DimensionName {
        if known.contains(name) { return name }
        guard isDeclared || known.count < max else { return .other }
        known.append(name)
        return name
    }

    // MARK: What is asked

    func siteNames() -> [DimensionName] {
        sites.sorted()
    }

    func summaries(site: DimensionName) -> [RuleSummary] {
        occurrences.filter { $0.key.site == site }.map { key, events in
            RuleSummary(
                rule: key.rule, firstEventMilliseconds: events.map(\.time).min() ?? 0,
                lastEventMilliseconds: events.map(\.time).max() ?? 0,
                exposures: events.count { $0.conversion == nil }, conversions: events.count { $0.conversion != nil },
                outcomes: outcomeNames(key).count)
        }.sorted {
            ($1.lastEventMilliseconds, $0.rule) < ($0.lastEventMilliseconds, $1.rule)
        }
    }

    func report(site: DimensionName, rule: DimensionName, in ranges: [Range<Quarter>]) -> RuleReport {
        let key = RuleKey(site: site, rule: rule)
        let outcomes = outcomeFacts(key)
        return RuleReport(
            rule: rule, terms: RuleTerms(windows: windows(of: site), groups: groups[key] ?? []),
            counts: ranges.map { range in outcomes.map { $0.counts(in: range) } },
            groupDays: (groups[key] ?? []).map { groupDays($0, outcomes) })
    }

    private func groupDays(_ period: GroupPeriod, _ outcomes: [OutcomeFacts]) -> [GroupDay] {
        let facts = period.group.shares.map { share in outcomes.first { $0.outcome == share.outcome }?.group ?? [] }
        let days = facts.map { facts in
            Dictionary(grouping: facts) { Int64((Double($0.quarter.number) / 96).rounded(.down)) }
        }
        return Set(days.flatMap(\.keys)).sorted().map { day in
            let facts = days.map { $0[day] ?? [] }
            return GroupDay(
                start: Quarter(day * 96), exposed: facts.map(\.count),
                converted: facts.map { $0.count { $0.conversions.contains(period.group.conversion) } })
        }
    }

    /// How many distinct subjects met an outcome, or did a conversion under it, in a span. What nobody did is not there.
    func active(site: DimensionName, rule: DimensionName, in span: Range<Quarter>) -> Set<ActivityCounts> {
        struct Deed: Hashable {
            let outcome: DimensionName
            let conversion: DimensionName?
        }
        let times = span.lowerBound.startMilliseconds..<span.upperBound.startMilliseconds
        var subjects: [Deed: Set<Subject>] = [:]
        for event in occurrences[RuleKey(site: site, rule: rule)] ?? [] where times.contains(event.time) {
            subjects[Deed(outcome: event.outcome, conversion: event.conversion), default: []].insert(event.subject)
        }
        return Set(
            subjects.map { deed, subjects in
                ActivityCounts(outcome: deed.outcome, conversion: deed.conversion, subjects: subjects.count)
            })
    }

    private func windows(of site: DimensionName) -> [WindowPeriod] {
        windows[site] ?? [WindowPeriod(start: Range<Quarter>.all.lowerBound, days: 7)]
    }

    private func outcomeNames(_ key: RuleKey) -> [DimensionName] {
        Set((outcomes[[key.site, key.rule]] ?? []) + (occurrences[key] ?? []).map(\.outcome)).sorted()
    }

    private func outcomeFacts(_ key: RuleKey) -> [OutcomeFacts] {
        let events = occurrences[key] ?? []
        let byOutcome = Dictionary(grouping: events, by: \.outcome)
        return outcomeNames(key).map { outcome in
            let own = byOutcome[outcome] ?? []
            let firstExposures = Self.firsts(own.filter { $0.conversion == nil })
            let names = Set((conversions[[key.site, key.rule, outcome]] ?? []) + own.compactMap(\.conversion))
            let group = groups[key]?.first { $0.group.shares.contains { $0.outcome == outcome } }
            let members = group.map { groupFacts($0, events, outcome) } ?? []
            return OutcomeFacts(
                outcome: outcome, exposed: firstExposures.values.map { Quarter(containing: $0) },
                exposures: own.filter { $0.conversion == nil }.map { Quarter(containing: $0.time) }, group: members,
                conversions: names.sorted().map { name in
                    conversionFacts(name, own.filter { $0.conversion == name }, firstExposures, members, key.site)
                })
        }
    }

    private func conversionFacts(
        _ name: DimensionName, _ events: [Occurrence], _ firstExposures: [Subject: Int64], _ members: [GroupFact],
        _ site: DimensionName
    ) -> ConversionFacts {
        var converted: [Subject: Quarter] = [:]
        for event in events {
            guard let exposure = firstExposures[event.subject] else { continue }
            let days = windows(of: site).last { $0.start <= Quarter(containing: exposure) }?.days ?? 7
            if event.time >= exposure - Self.lead, event.time <= exposure + Int64(days) * Self.day {
                converted[event.subject] = Quarter(containing: exposure)
            }
        }
        let firsts = Self.firsts(events)
        return ConversionFacts(
            conversion: name, converted: Array(converted.values),
            unattributed: firsts.filter { firstExposures[$0.key] == nil }.values.map { Quarter(containing: $0) },
            converters: firsts.values.map { Quarter(containing: $0) },
            events: events.map { Quarter(containing: $0.time) },
            groupConverted: members.filter { $0.conversions.contains(name) }.map(\.quarter))
    }

    /// The subjects that belong to the outcome.
    private func groupFacts(_ period: GroupPeriod, _ events: [Occurrence], _ outcome: DimensionName) -> [GroupFact] {
        let members = Set(period.group.shares.map(\.outcome))
        let bySubject = Dictionary(grouping: events.filter { members.contains($0.outcome) }, by: \.subject)
        return bySubject.values.compactMap { events in
            let exposures = events.filter { $0.conversion == nil }
            guard let first = exposures.min(by: { ($0.time, $0.outcome) < ($1.time, $1.outcome) }),
                first.outcome == outcome, case let quarter = Quarter(containing: first.time), quarter >= period.start
            else { return nil }
            let end = first.time + Int64(period.group.windowDays) * Self.day
            return GroupFact(
                quarter: quarter, isCrossed: Set(exposures.map(\.outcome)).count > 1,
                conversions: ([period.group.conversion] + period.group.guardrails.map(\.conversion)).filter { name in
                    events.contains { $0.conversion == name && $0.time >= first.time - Self.lead && $0.time <= end }
                })
        }
    }

    private static func firsts(_ events: [Occurrence]) -> [Subject: Int64] {
        events.reduce(into: [:]) { firsts, event in
            firsts[event.subject] = min(firsts[event.subject] ?? .max, event.time)
        }
    }
}

/// When what happened that counts for an outcome: a quarter of an hour for each time, or subject, that counts as one.
struct OutcomeFacts {
    let outcome: DimensionName
    let exposed: [Quarter]
    let exposures: [Quarter]
    let group: [GroupFact]
    let conversions: [ConversionFacts]

    func counts(in range: Range<Quarter>) -> OutcomeCounts {
        var counts = OutcomeCounts(outcome: outcome)
        counts.exposed = exposed.count(where: range.contains)
        counts.exposures = exposures.count(where: range.contains)
        let subjects = group.filter { range.contains($0.quarter) }
        counts.groupExposed = subjects.count
        counts.groupCrossed = subjects.count(where: \.isCrossed)
        counts.conversions = conversions.map { $0.counts(in: range) }
        return counts
    }
}

/// The same for a conversion under it.
struct ConversionFacts {
    let conversion: DimensionName
    let converted: [Quarter]
    let unattributed: [Quarter]
    let converters: [Quarter]
    let events: [Quarter]
    let groupConverted: [Quarter]

    func counts(in range: Range<Quarter>) -> ConversionCounts {
        ConversionCounts(
            conversion: conversion, converted: converted.count(where: range.contains),
            unattributed: unattributed.count(where: range.contains),
            converters: converters.count(where: range.contains), events: events.count(where: range.contains),
            groupConverted: groupConverted.count(where: range.contains))
    }
}

/// A subject of a declared group, and when it was first exposed.
struct GroupFact {
    let quarter: Quarter
    let isCrossed: Bool
    /// Those of the group's that it did within the window.
    let conversions: [DimensionName]
}
