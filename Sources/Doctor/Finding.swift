/// Something that was looked at: what is so, whether that is right, and what to do where it is not.
public struct Finding: Sendable, Hashable {
    /// What a finding is about, in the order in which a request needs it.
    public enum Area: String, Sendable, CaseIterable, Encodable {
        case configuration, files, disk, clock, daemons, nginx, endpoint
    }

    public enum Judgement: String, Sendable, Encodable, Comparable {
        case fine
        /// Right for many, and to be known.
        case note
        /// Works, and will not always, or says more than it should.
        case warning
        /// Does not work.
        case error

        private var rank: Int {
            switch self {
            case .fine: 0
            case .note: 1
            case .warning: 2
            case .error: 3
            }
        }

        public static func < (left: Judgement, right: Judgement) -> Bool { left.rank < right.rank }
    }

    public let area: Area
    public let judgement: Judgement
    /// A sentence without a full stop.
    public let fact: String
    /// What to do, or what follows from it; nil where there is nothing to say.
    public let remedy: String?

    public init(_ area: Area, _ judgement: Judgement, _ fact: String, remedy: String? = nil) {
        self.area = area
        self.judgement = judgement
        self.fact = fact
        self.remedy = remedy
    }
}

extension Finding: Encodable {
    private enum CodingKeys: String, CodingKey {
        case area, judgement, fact, remedy
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(area, forKey: .area)
        try container.encode(judgement, forKey: .judgement)
        try container.encode(fact, forKey: .fact)
        // null where there is none, so that every finding has the same members.
        try container.encode(remedy, forKey: .remedy)
    }
}

/// All that was found, and what it comes to.
public struct Diagnosis: Sendable {
    /// In the order of their areas.
    public let findings: [Finding]

    /// What two have found is told once.
    init(_ findings: [Finding]) {
        var told: Set<Finding> = []
        let once = findings.filter { told.insert($0).inserted }
        self.findings = Finding.Area.allCases.flatMap { area in once.filter { $0.area == area } }
    }

    private var worst: Finding.Judgement { findings.map(\.judgement).max() ?? .fine }

    /// 0 where nothing is wrong, 1 where there are warnings, 2 where there are errors, as Nagios has it.
    public var exitStatus: Int32 {
        switch worst {
        case .fine, .note: 0
        case .warning: 1
        case .error: 2
        }
    }

    /// In a sentence without a full stop.
    public var verdict: String {
        let errors = count(of: .error, "error")
        let warnings = count(of: .warning, "warning")
        switch worst {
        case .fine: return "healthy: nothing is wrong"
        case .note: return "healthy: nothing is wrong; \(count(of: .note, "note"))"
        case .warning: return "\(warnings), no error"
        case .error: return "\(errors), \(warnings)"
        }
    }

    private func count(of judgement: Finding.Judgement, _ noun: String) -> String {
        let count = findings.count { $0.judgement == judgement }
        return "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}

extension Diagnosis: Encodable {
    private enum CodingKeys: String, CodingKey {
        case verdict, exitStatus, findings
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(exitStatus, forKey: .exitStatus)
        try container.encode(findings, forKey: .findings)
    }
}
