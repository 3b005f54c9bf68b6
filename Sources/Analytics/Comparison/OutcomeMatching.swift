import ConfigurationFile

/// By what an outcome of an export was found to be one of those here.
public enum OutcomeMatch: String, Codable, Sendable, CaseIterable, Comparable {
    /// Its `outcomeId` is the id here, byte for byte.
    case outcomeId
    /// Its `outcomePath` is the id here, or the path that is declared.
    case outcomePath
    /// Its `tab` and `outcomePath` are those that are declared.
    case tabAndPath = "tab and path"
    /// Its `outcomePath` or its `outcomeId` is the name that is declared.
    case name
    /// Its `outcomeId` is that name, or the id here, behind a kind: `Transformation:Name`.
    case nameBehindKind = "name in outcomeId"

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

/// An outcome here, and by what an export's may be found to be it.
struct OwnOutcome: Sendable, Equatable {
    enum State {
        case recorded
        /// Declared, and nothing is recorded under it.
        case unseen
        case hidden
    }

    /// nil for all those together that came when the limit was reached.
    let id: OpaqueID?
    let name: String?
    let place: OutcomePlace
    let state: State

    init(id: OpaqueID?, name: String? = nil, place: OutcomePlace = OutcomePlace(), state: State = .recorded) {
        self.id = id
        self.name = name
        self.place = place
        self.state = state
    }

    /// As tables show it.
    var title: String { name ?? id?.text ?? OutcomesReport.otherName }

    /// Whether what is declared of it leaves open that it is that one.
    fileprivate func mayBe(_ outcome: ZephrOutcome) -> Bool {
        let tab = place.tab.map { OpaqueID($0) }
        let path = place.path.map { OpaqueID($0) }
        return (tab == nil || outcome.tab.text.isEmpty || tab == outcome.tab)
            && (path == nil || outcome.path.text.isEmpty || path == outcome.path)
    }
}

/// Which outcomes of an export are which of those here. What is not certain is left alone, and why is told.
struct OutcomeMatching: Sendable {
    struct Pair: Sendable, Equatable {
        /// Several are rows of one outcome, on several tabs or ways.
        let zephr: [ZephrOutcome]
        let own: OwnOutcome
        let match: OutcomeMatch
    }

    /// Why an outcome of an export is none of those here.
    enum Failure: Sendable, Equatable {
        case unknown
        /// It could be any of several.
        case ambiguous([OwnOutcome], OutcomeMatch)
        /// Others of the export could be the same one as well.
        case rivals(OwnOutcome, OutcomeMatch, count: Int)
        /// Another is that one for a better reason.
        case taken(OwnOutcome, OutcomeMatch, by: OutcomeMatch)
        /// It has the name of one that is declared to stand elsewhere.
        case elsewhere(OwnOutcome)
    }

    /// In the order of the outcomes here.
    private(set) var pairs: [Pair] = []
    private(set) var zephrAlone: [(outcome: ZephrOutcome, failure: Failure)] = []
    private(set) var ownAlone: [OwnOutcome] = []

    init(_ zephr: [ZephrOutcome], _ own: [OwnOutcome]) {
        let index = OwnIndex(own)
        var found: [Int: [(outcome: ZephrOutcome, match: OutcomeMatch)]] = [:]
        for outcome in zephr {
            switch index.find(outcome) {
            case .one(let position, let match): found[position, default: []].append((outcome, match))
            case .none(let failure): zephrAlone.append((outcome, failure))
            }
        }
        for (position, outcome) in own.enumerated() {
            guard let rows = found[position], let best = rows.map(\.match).min() else {
                ownAlone.append(outcome)
                continue
            }
            let alike = rows.filter { $0.match == best }.map(\.outcome)
            // One and the same id is one outcome, on however many ways; a name or a path need not be.
            let isCertain = best == .outcomeId || alike.allSatisfy { $0.path == outcome.id }
            if alike.count == 1 || isCertain {
                pairs.append(Pair(zephr: alike, own: outcome, match: best))
                for row in rows where row.match != best {
                    zephrAlone.append((row.outcome, .taken(outcome, row.match, by: best)))
                }
            } else {
                zephrAlone += rows.map { ($0.outcome, .rivals(outcome, $0.match, count: rows.count)) }
                ownAlone.append(outcome)
            }
        }
        zephrAlone.sort { $0.outcome < $1.outcome }
    }
}

/// The outcomes here by what they may be found by.
private struct OwnIndex {
    enum Result {
        case one(Int, OutcomeMatch)
        case none(OutcomeMatching.Failure)
    }

    private let outcomes: [OwnOutcome]
    private let byID: [OpaqueID: Int]
    private let byPath: [OpaqueID: [Int]]
    private let byName: [OpaqueID: [Int]]
    private let other: Int?

    init(_ outcomes: [OwnOutcome]) {
        self.outcomes = outcomes
        byID = Dictionary(
            outcomes.enumerated().compactMap { position, outcome in outcome.id.map { ($0, position) } },
            uniquingKeysWith: { first, _ in first })
        byPath = Self.positions(outcomes) { $0.place.path }
        byName = Self.positions(outcomes) { $0.name }
        other = outcomes.firstIndex { $0.id == nil }
    }

    private static func positions(
        _ outcomes: [OwnOutcome], by key: (OwnOutcome) -> String?
    ) -> [OpaqueID: [Int]] {
        let keyed = outcomes.enumerated().compactMap { position, outcome in
            key(outcome).map { (OpaqueID($0), position) }
        }
        return Dictionary(grouping: keyed, by: \.0).mapValues { $0.map(\.1) }
    }

    /// Goes through the ways to find it, the surest first. Where one leads to several, a later one may tell which of these.
    func find(_ outcome: ZephrOutcome) -> Result {
        var several: (positions: [Int], match: OutcomeMatch)?
        var isElsewhere: Int?
        for match in OutcomeMatch.allCases {
            let candidates = candidates(outcome, by: match)
            let possible = candidates.filter { position in
                let isIdentity = match == .outcomeId || outcomes[position].id == outcome.path
                return (isIdentity || outcomes[position].mayBe(outcome))
                    && several?.positions.contains(position) != false
            }
            if possible.isEmpty { isElsewhere = isElsewhere ?? candidates.first }
            if possible.count == 1 { return .one(possible[0], match) }
            if possible.count > 1 { several = (possible, match) }
        }
        if let several { return .none(.ambiguous(several.positions.map { outcomes[$0] }, several.match)) }
        return .none(isElsewhere.map { .elsewhere(outcomes[$0]) } ?? .unknown)
    }

    private func candidates(_ outcome: ZephrOutcome, by match: OutcomeMatch) -> [Int] {
        switch match {
        case .outcomeId:
            guard outcome.id.text.isEmpty else { return byID[outcome.id].map { [$0] } ?? [] }
            return outcome.path.text == OutcomesReport.otherName ? other.map { [$0] } ?? [] : []
        case .outcomePath:
            guard !outcome.path.text.isEmpty else { return [] }
            let identity = byID[outcome.path].map { [$0] } ?? []
            return identity + (byPath[outcome.path] ?? []).filter { !identity.contains($0) }
        case .tabAndPath:
            guard !outcome.path.text.isEmpty else { return [] }
            return (byPath[outcome.path] ?? []).filter { outcomes[$0].place.tab.map { OpaqueID($0) } == outcome.tab }
        case .name:
            let ofPath = named(outcome.path)
            return ofPath + named(outcome.id).filter { !ofPath.contains($0) }
        case .nameBehindKind:
            guard let name = outcome.nameBehindKind else { return [] }
            let named = named(name)
            return named + (byID[name].map { [$0] } ?? []).filter { !named.contains($0) }
        }
    }
}

extension OwnIndex {
    private func named(_ name: OpaqueID) -> [Int] {
        name.text.isEmpty ? [] : byName[name] ?? []
    }
}

extension ZephrOutcome {
    /// What stands behind the kind in `Transformation:Create Account Data Capture Form`; nil where no kind stands there.
    fileprivate var nameBehindKind: OpaqueID? {
        guard let colon = id.text.firstIndex(of: ":") else { return nil }
        let kind = id.text[..<colon]
        guard !kind.isEmpty, kind.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
        let name = id.text[colon...].dropFirst()
        return OpaqueID(String(name.first == " " ? name.dropFirst() : name))
    }
}
