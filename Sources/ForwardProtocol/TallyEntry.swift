import Records

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
                var id = id
                id.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
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
