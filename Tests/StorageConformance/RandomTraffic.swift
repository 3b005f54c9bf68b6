import Records
import Storage
import TestSupport

/// Traffic as no site has it: everything that counting has to get right, close together.
struct RandomTraffic {
    static let start: Int64 = 1_700_000_000_000
    private static let day: Int64 = 86_400_000

    /// In the order in which they arrive.
    let records: [Record]
    /// How many of them come before each change of what is declared, and what is declared then.
    let declarations: [(index: Int, declared: DeclaredNames, nowMilliseconds: Int64)]
    /// Where folds end.
    let cuts: [Int]

    init(count: Int, using random: inout SeededGenerator) {
        let days = Int64.random(in: 1...40, using: &random)
        let subjects = UInt128.random(in: 1...UInt128(count), using: &random)
        let names = Int.random(in: 1...4, using: &random)
        var records: [Record] = []
        records.reserveCapacity(count)
        while records.count < count {
            let subject = UInt128.random(in: 0..<subjects, using: &random) &* (UInt128.max / subjects)
            let first = Self.start + Int64.random(in: 0..<days * Self.day, using: &random)
            // A visit: a few events near each other, some of them days apart or on the edges of windows.
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let offset = Self.offset(using: &random)
                records.append(Self.record(subject, at: first + offset, names: names, using: &random))
            }
        }
        let isInOrder = Bool.random(using: &random)
        records = Array(records.prefix(count))
        if isInOrder { records.sort { $0.timeMilliseconds < $1.timeMilliseconds } }
        if !isInOrder, Bool.random(using: &random) { records.shuffle(using: &random) }
        self.records = records
        declarations = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            let index = Int.random(in: 0...count, using: &random)
            let now = Self.start + Int64.random(in: 0...days, using: &random) * Self.day / 2
            return (index, Self.declaration(names: names, using: &random), now)
        }.sorted { $0.index < $1.index }
        cuts = (0..<Int.random(in: 0...12, using: &random)).map { _ in Int.random(in: 0...count, using: &random) }
            .sorted()
    }

    private static func offset(using random: inout SeededGenerator) -> Int64 {
        let edges: [Int64] = [
            0, -1_800_000, -1_800_001, 7 * day, 7 * day + 1, 2 * day, 2 * day + 1, day, day + 1_800_000,
            day + 1_800_001, 900_000, 899_999, -1,
        ]
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return edges.randomElement(using: &random) ?? 0
        case 1: return Int64.random(in: -day...9 * day, using: &random)
        case 2: return Int64.random(in: -3_600_000...3_600_000, using: &random)
        default: return Int64.random(in: 0...600_000, using: &random)
        }
    }

    private static func record(
        _ subject: UInt128, at time: Int64, names: Int, using random: inout SeededGenerator
    ) -> Record {
        let rule = "rule \(Int.random(in: 0..<min(2, names), using: &random))"
        let outcome = "outcome \(Int.random(in: 0..<names, using: &random))"
        let event: Event =
            Int.random(in: 0..<5, using: &random) < 3
            ? .exposure(Exposure(ruleID: rule, outcomeID: outcome))
            : .conversion(
                Conversion(
                    ruleID: rule, outcomeID: outcome,
                    name: Bool.random(using: &random) ? "CUSTOMER" : "REGISTERED"))
        return Record(
            id: .random(), timeMilliseconds: time, subject: Subject(subject), site: "site", event: event)
    }

    private static func declaration(names: Int, using random: inout SeededGenerator) -> DeclaredNames {
        var outcomes = (0..<names).map { DimensionName("outcome \($0)") }
        if names == 1 || Bool.random(using: &random) { outcomes.append(DimensionName("never seen")) }
        let shares = outcomes.shuffled(using: &random).prefix(Int.random(in: 2...outcomes.count, using: &random))
            .map { DeclaredGroup.Share(outcome: $0, weight: Int.random(in: 1...2, using: &random)) }
        let conversions = ["CUSTOMER", "REGISTERED", "NEVER"].shuffled(using: &random).map { DimensionName($0) }
        let guardrails = conversions.dropFirst().prefix(Int.random(in: 0...2, using: &random)).map {
            DeclaredGroup.Guardrail(conversion: $0, margin: [0.01, 0.02].randomElement(using: &random) ?? 0.01)
        }
        let group = DeclaredGroup(
            name: "group \(Int.random(in: 0..<2, using: &random))", shares: shares, baseline: shares[0].outcome,
            conversion: conversions[0], windowDays: [1, 2, 7].randomElement(using: &random) ?? 7,
            guardrails: guardrails)
        let rule = DeclaredNames.Rule(
            outcomes: Set(shares.map(\.outcome)), conversions: Set(group.conversions),
            groups: Int.random(in: 0..<4, using: &random) == 0 ? [] : [group])
        return DeclaredNames(sites: [
            DimensionName("site"): DeclaredNames.Site(
                rules: [DimensionName("rule 0"): rule], windowDays: [1, 2, 7].randomElement(using: &random) ?? 7)
        ])
    }

    /// A range within the traffic or about it; all of time, too.
    static func range(using random: inout SeededGenerator) -> Range<Quarter> {
        Int.random(in: 0..<8, using: &random) == 0 ? .all : boundedRange(using: &random)
    }

    static func boundedRange(using random: inout SeededGenerator) -> Range<Quarter> {
        let start = Quarter(containing: Self.start).number
        let ends = [start, start].map { $0 + Int64.random(in: -200...40 * 96, using: &random) }.sorted()
        return Quarter(ends[0])..<Quarter(ends[1])
    }

    /// A few buckets in a row, as a chart has them.
    static func buckets(using random: inout SeededGenerator) -> [Range<Quarter>] {
        let start = boundedRange(using: &random).lowerBound.number
        let width = ([1, 4, 92, 96, 100, 960] as [Int64]).randomElement(using: &random) ?? 1
        return (0..<6).map { Quarter(start + $0 * width)..<Quarter(start + ($0 + 1) * width) }
    }
}
