import Records
import Yams

/// Turns the nodes of `rules.yaml` into `Rules`.
struct RulesReader: DocumentReader {
    static let sections = RuleKeys.sections

    let source: YAMLSource
    var notes: Notes
    /// The outcomes that groups of the rule in hand have so far, which must differ.
    var grouped: [OpaqueID: Entry] = [:]
    /// The configuration's; nil when they are not known.
    private let knownSites: Set<String>?

    init(file: String, source: YAMLSource, knownSites: Set<String>?) {
        self.source = source
        notes = Notes(file: file)
        self.knownSites = knownSites
    }

    mutating func rules(_ root: Node) -> Rules? {
        let whole = Entry(key: "", line: nil, value: root)
        guard let file = section(whole, titled: "the file", RuleKeys.File.self),
            let section = required(.sites, of: file, as: "the section with a section for each site that has rules"),
            let entries = entries(of: section, titled: "`sites`")
        else { return nil }
        var sites: [String: SiteRules] = [:]
        for entry in entries {
            checkSite(entry)
            sites[entry.key] = site(entry)
        }
        return Rules(sites: sites, doubts: notes.warnings.inOrder)
    }

    private mutating func checkSite(_ entry: Entry) {
        guard let knownSites, !knownSites.contains(entry.key) else { return }
        let names = knownSites.sorted()
        let meant = Suggestion.nearest(to: entry.key, among: names).map { "did you mean `\($0)`?" }
        let remedy = meant ?? "its sites are \(names.joined(separator: ", "))"
        note(entry.line, "the configuration has no site \(entry.key.shown): \(remedy)")
    }

    private mutating func site(_ entry: Entry) -> SiteRules? {
        let title = "sites.\(entry.key)"
        guard let section = section(entry, titled: title.shown, RuleKeys.Site.self) else { return nil }
        let onlyDeclared = flag(section[.onlyDeclared])
        let expected = "a section with the id of each rule version, which may have nothing beneath it"
        guard let list = required(.rules, of: section, as: expected),
            let entries = entries(of: list, titled: "\(title).rules".shown)
        else { return nil }
        var site = SiteRules(rules: [:])
        site.onlyDeclared = onlyDeclared ?? site.onlyDeclared
        for entry in entries {
            let id = id(ofKey: entry, .rule)
            if let rule = rule(entry, titled: "\(title).rules.\(entry.key)"), let id { site.rules[id] = rule }
        }
        let declared = entries.map { OpaqueID($0.key) }
        site.features = section[.features].map { features($0, titled: "\(title).features", declared) } ?? [:]
        return site
    }

    /// - Parameter declared: the site's rule versions in the file's order, those with mistakes too.
    private mutating func features(
        _ entry: Entry, titled title: String, _ declared: [OpaqueID]
    ) -> [OpaqueID: OpaqueID] {
        var features: [OpaqueID: OpaqueID] = [:]
        for entry in idEntries(of: entry, titled: title.shown) ?? [] {
            let feature = id(ofKey: entry, .feature)
            let rule = id(entry.titled("the rule version of \(entry.title)"), .rule)
            guard let feature, let rule else { continue }
            if declared.contains(feature) {
                let remedy = "a feature is another's name, so take one out"
                note(entry.line, "\(entry.title) is a rule version under `rules`: \(remedy)")
            }
            if declared.contains(rule) {
                features[feature] = rule
            } else {
                note(entry.line, undeclared(rule, of: entry, declared))
            }
        }
        return features
    }

    private func undeclared(_ rule: OpaqueID, of entry: Entry, _ declared: [OpaqueID]) -> String {
        let meant = Suggestion.nearest(to: rule.text, among: declared.map(\.text))
        let remedy = meant.map { "did you mean `\($0)`?" } ?? "add it there"
        let expected = "one of those under `rules`, not \(rule.text.shown): \(remedy)"
        return "the rule version of \(entry.title) must be \(expected)\(doubt(of: entry) ?? "")"
    }

    private mutating func rule(_ entry: Entry, titled title: String) -> DeclaredRule? {
        // The id alone declares a rule.
        if case .scalar(let scalar) = entry.value, scalar.isMissing { return DeclaredRule() }
        guard let section = section(entry, titled: title.shown, RuleKeys.Rule.self) else { return nil }
        var rule = DeclaredRule()
        rule.name = section[.name].flatMap { name($0) }
        rule.test = test(section)
        if let outcomes = section[.outcomes] { readOutcomes(outcomes, titled: "\(title).outcomes", into: &rule) }
        rule.stepNames = section[.steps].map { stepNames($0, titled: "\(title).steps") } ?? [:]
        rule.groups = section[.groups].map { groups($0, titled: "\(title).groups") } ?? []
        return rule
    }

    private mutating func stepNames(_ entry: Entry, titled title: String) -> [OpaqueID: String] {
        var names: [OpaqueID: String] = [:]
        for entry in idEntries(of: entry, titled: title.shown) ?? [] {
            let id = id(ofKey: entry, .step)
            let name = name(entry.titled("the name of \(entry.title)"))
            if let id { names[id] = name }
        }
        return names
    }

    private mutating func test(_ section: Section<RuleKeys.Rule>) -> DeclaredTest {
        var test = DeclaredTest()
        test.hypothesis = section[.hypothesis].flatMap { sentence($0) }
        test.owner = section[.owner].flatMap { name($0) }
        let text = section[.decision].flatMap { sentence($0) }
        let day = section[.decided].flatMap { self.day($0) }
        switch (section[.decision], section[.decided]) {
        case (let decision?, nil):
            note(decision.line, "`decision` needs the day on which that was decided, `decided: 2026-11-30`")
        case (nil, let decided?):
            note(decided.line, "`decided` is the day of a decision, so write what that was under `decision`")
        default:
            if let text, let day { test.decision = DeclaredTest.Decision(text: text, day: day) }
        }
        return test
    }

    private mutating func day(_ entry: Entry) -> String? {
        let expected = "a day such as 2026-11-30"
        guard let text = freeText(entry, expected) else { return nil }
        guard Self.isDay(text) else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        return text
    }

    /// Of the Gregorian calendar, from the year 1 on.
    private static func isDay(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year > 0
        else { return false }
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(month) && (1...days[month - 1]).contains(day)
    }
}

extension RulesReader {
    static let weightMax = 1_000_000
    static let windowDaysMax = 90

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
        let tau = decimalNumber(section[.tau], in: OutcomeGroup.tauAllowed)
        let guardrails = section[.guardrails]
            .flatMap { self.guardrails($0, titled: "\(title).guardrails", besides: conversion) }
        if let shares, let baseline, let entry = section[.baseline] { check(baseline, entry, isAmong: shares) }
        guard let shares, let baseline, let conversion else { return nil }
        var group = OutcomeGroup(name: entry.key, shares: shares, baseline: baseline, conversion: conversion)
        group.windowDays = windowDays ?? group.windowDays
        group.tau = tau ?? group.tau
        group.guardrails = guardrails ?? group.guardrails
        return group
    }

    /// - Parameter primary: the group's conversion, which is none of them; nil where that is wrong.
    private mutating func guardrails(
        _ entry: Entry, titled title: String, besides primary: OpaqueID?
    ) -> [OutcomeGroup.Guardrail] {
        let entries = idEntries(of: entry, titled: title.shown) ?? []
        if entries.count > OutcomeGroup.guardrailsMax {
            note(
                entry.line,
                "\(title.shown) must have at most \(OutcomeGroup.guardrailsMax) conversions, not \(entries.count): each makes the intervals "
                    + "of all wider")
        }
        return entries.compactMap { entry in
            let margin = decimalNumber(
                entry.titled("the margin of \(entry.title)"), in: OutcomeGroup.Guardrail.marginAllowed)
            guard let conversion = id(ofKey: entry, .conversion) else { return nil }
            if conversion == primary {
                note(
                    entry.line,
                    "\(entry.title) is the group's primary conversion, which decides already: take it out here")
            }
            return margin.map { OutcomeGroup.Guardrail(conversion: conversion, margin: $0) }
        }
    }

    /// The outcomes of a group with their weights; nil when one of them is wrong.
    private mutating func shares(_ entry: Entry, titled title: String) -> [OutcomeGroup.Share]? {
        guard let entries = idEntries(of: entry, titled: title.shown) else { return nil }
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

    /// The entries of a section whose keys are ids, each with a value; nil when it is none, or when YAML reads ids in it that are none.
    mutating func idEntries(of entry: Entry, titled title: String) -> [Entry]? {
        if case .mapping(let mapping) = entry.value, source.isInBraces(mapping), refusesParts(of: mapping) {
            return nil
        }
        return entries(of: entry, titled: title)
    }

    /// In braces a comma ends an id, and a colon without a space behind it does not.
    private mutating func refusesParts(of mapping: Node.Mapping) -> Bool {
        var parts: [(text: String, line: Int?)] = []
        var isRefused = false
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                parts = []
                continue
            }
            let isMissing = value.scalar?.isMissing == true
            let text = YAMLDocument.name(ofKey: scalar.string)
            if isMissing, scalar.style == .plain, text.utf8.dropLast().contains(UInt8(ascii: ":")) {
                note(scalar.mark?.line, "\(text.shown) has no value: put a space behind the colon that ends its id")
                isRefused = true
            } else if isMissing {
                parts.append((text, scalar.mark?.line))
            } else if let first = parts.first {
                let whole = (parts.map(\.text) + [text]).joined(separator: ",")
                note(
                    first.line,
                    "\(first.text.shown) has no value: a comma ends an id in braces, so if \(whole.shown) is one, put it in quotes"
                )
                isRefused = true
                parts = []
            }
        }
        return isRefused
    }

    /// What an id is of. Each is as long as the endpoint takes it.
    enum IDKind {
        case rule, feature, outcome, step, conversion

        var bytesMax: Int {
            switch self {
            case .rule, .feature: Limits.ruleIDBytesMax
            case .outcome, .step: Limits.outcomeIDBytesMax
            case .conversion: Limits.conversionBytesMax
            }
        }

        var title: String {
            switch self {
            case .rule: "the id of a rule version"
            case .feature: "the id of a feature"
            case .outcome: "the id of an outcome"
            case .step: "the id of a step, or of the steps to it"
            case .conversion: "the name of a conversion"
            }
        }
    }

    static let nameCharactersMax = 200

    /// The id that is the key of `entry`.
    mutating func id(ofKey entry: Entry, _ kind: IDKind) -> OpaqueID? {
        guard let fault = fault(in: entry.key, kind) else { return OpaqueID(entry.key) }
        note(entry.line, "\(kind.title) must be \(fault)")
        return nil
    }

    /// The id that is the value of `entry`.
    mutating func id(_ entry: Entry, _ kind: IDKind) -> OpaqueID? {
        guard let text = freeText(entry, kind.title) else { return nil }
        guard let fault = fault(in: text, kind) else { return OpaqueID(text) }
        note(entry, mustBe: kind.title, fault)
        return nil
    }

    static let sentenceCharactersMax = 1000

    /// What people call something.
    mutating func name(_ entry: Entry) -> String? {
        text(entry, of: "a name", charactersMax: Self.nameCharactersMax)
    }

    /// What people say of something.
    mutating func sentence(_ entry: Entry) -> String? {
        text(entry, of: "a text", charactersMax: Self.sentenceCharactersMax)
    }

    mutating func text(_ entry: Entry, of what: String, charactersMax: Int) -> String? {
        let expected = "\(what) of 1 to \(charactersMax) characters"
        guard let text = freeText(entry, expected) else { return nil }
        let count = text.unicodeScalars.count
        guard count <= charactersMax else {
            note(entry, mustBe: expected, "not of \(count)")
            return nil
        }
        return text
    }

    /// Why the endpoint would never take a text as an id, as a sentence's end; nil when it would.
    private func fault(in text: String, _ kind: IDKind) -> String? {
        if text.unicodeScalars.contains(where: \.isControl) { return "without control characters, not \(text.shown)" }
        let count = text.utf8.count
        return (1...kind.bytesMax).contains(count) ? nil : "of 1 to \(kind.bytesMax) bytes in UTF-8, not \(count)"
    }
}
