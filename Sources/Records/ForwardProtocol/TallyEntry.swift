/// How many answers of one kind a responder gave since it last told. Informative: never part of what is counted.
public struct TallyEntry: Hashable, Sendable {
    /// What answers are told apart by.
    public struct Kind: Hashable, Sendable {
        /// The site's name; `-` where a request named none that is configured.
        public let site: String
        /// nil for a call of something else, or where the responder did not tell.
        public let door: Door?
        /// The HTTP status; 0 where nobody waits for an answer.
        public let status: UInt16
        /// A short name of what led to it: `durable`, `origin`, `expired`, `excluded:bot`.
        public let reason: String
        /// What the call was about; nil where it was refused before that was known, or where it does not matter.
        public let outcome: Outcome?

        public init(site: String, door: Door? = nil, status: UInt16, reason: String, outcome: Outcome? = nil) {
            self.site = site
            self.door = door
            self.status = status
            self.reason = reason
            self.outcome = outcome
        }

        /// Whether it says something of visitors, so that it is told apart by outcome before what strangers can send.
        public var isVisitors: Bool {
            VisitorsAnswer.isRecorded(reason: reason)
                || VisitorsAnswer.isLost(door: door, status: Int(status), reason: reason)
        }

        /// The same without what the call was about.
        public var ofAnyOutcome: Kind {
            Kind(site: site, door: door, status: status, reason: reason)
        }
    }

    /// An outcome of a rule version, by their ids.
    public struct Outcome: Hashable, Sendable {
        public let ruleID: String
        public let outcomeID: String

        public init(ruleID: String, outcomeID: String) {
            self.ruleID = ruleID
            self.outcomeID = outcomeID
        }

        /// Ids are opaque, so two of them are the same when their bytes are.
        public static func == (left: Outcome, right: Outcome) -> Bool {
            left.ruleID.hasBytes(of: right.ruleID) && left.outcomeID.hasBytes(of: right.outcomeID)
        }

        public func hash(into hasher: inout Hasher) {
            for id in [ruleID, outcomeID] {
                id.hashBytes(into: &hasher)
                hasher.combine(UInt8(0))
            }
        }
    }

    public static let reasonBytesMax = 64
    /// More than any responder can have answered; what says more is taken for so many.
    public static let countMax: UInt64 = 1 << 40

    public let kind: Kind
    public let count: UInt64

    public init(kind: Kind, count: UInt64) {
        self.kind = kind
        self.count = count
    }
}

extension TallyEntry {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(shortText: kind.site)
        bytes.append(kind.door?.rawValue ?? 0)
        bytes.append(littleEndian: kind.status)
        bytes.append(shortText: kind.reason)
        bytes.append(kind.outcome == nil ? 0 : 1)
        if let outcome = kind.outcome {
            for text in [outcome.ruleID, outcome.outcomeID] { bytes.append(longText: text) }
        }
        bytes.append(littleEndian: count)
    }

    /// Reads an entry of `answers`.
    init(from reader: inout ByteReader) throws(FrameFault) {
        let site = try reader.frameText(max: Limits.siteBytesMax)
        let door = try Self.decodeDoor(&reader)
        let status = try reader.frameInteger(UInt16.self)
        let reason = try reader.frameText(max: Self.reasonBytesMax)
        let outcome = try Self.decodeOutcome(&reader)
        let kind = Kind(site: site, door: door, status: status, reason: reason, outcome: outcome)
        self.init(kind: kind, count: try reader.frameInteger())
    }

    private static func decodeDoor(_ reader: inout ByteReader) throws(FrameFault) -> Door? {
        let code = try reader.frameInteger(UInt8.self)
        guard code != 0 else { return nil }
        guard let door = Door(rawValue: code) else { throw .unknownCode(code) }
        return door
    }

    private static func decodeOutcome(_ reader: inout ByteReader) throws(FrameFault) -> Outcome? {
        guard try reader.frameFlag() else { return nil }
        return Outcome(
            ruleID: try reader.frameLongText(max: Limits.ruleIDBytesMax),
            outcomeID: try reader.frameLongText(max: Limits.outcomeIDBytesMax))
    }
}

/// Where a record comes in.
public enum Door: UInt8, Sendable, CaseIterable {
    /// A call of the endpoint for conversions.
    case conversions = 1
    /// A call of the endpoint for exposures.
    case exposures = 2
    /// A line of nginx's log.
    case log = 3

    /// The endpoint's path for conversions.
    public static let conversionsPath = "/zephr/public/rule-outcomes/v1/conversions"
    /// The endpoint's path for exposures.
    public static let exposuresPath = "/zephr/public/rule-outcomes/v1/exposures"
}

/// Which answers say something of visitors. Anybody can send a request that is refused before its credential is checked, of
/// one outcome and as often as he likes; nothing is to be concluded from how many those are.
public enum VisitorsAnswer {
    /// Whether a visitor's record was lost, as far as anybody can know.
    ///
    /// Of requests: what was refused after the credential had passed, which is any 503 but for a session that nobody could be
    /// asked about; and a token that the site had made and that was too old, since its signature is checked before. Of nginx's
    /// log, which nobody else writes: all that was passed over but what was excluded and what had no cookie, as programs' have.
    public static func isLost(door: Door?, status: Int, reason: String) -> Bool {
        switch door {
        case nil: false
        case .log: !["durable", "empty", "tracking-id"].contains(reason) && !reason.hasPrefix("excluded:")
        case .conversions, .exposures: reason == "expired" || (status == 503 && reason != "session-unavailable")
        }
    }

    /// Whether what was asked for is recorded.
    public static func isRecorded(reason: String) -> Bool { reason == "durable" }
}
