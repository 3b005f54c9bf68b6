/// How many answers of one kind a responder gave since it last told. Informative: never part of what is counted.
public struct TallyEntry: Hashable, Sendable {
    /// What answers are told apart by.
    public struct Kind: Hashable, Sendable {
        /// The site's name; `-` where a request named none that is configured.
        public let site: String
        /// The HTTP status.
        public let status: UInt16
        /// A short name of what led to it: `durable`, `origin`, `expired`, `excluded:bot`.
        public let reason: String

        public init(site: String, status: UInt16, reason: String) {
            self.site = site
            self.status = status
            self.reason = reason
        }
    }

    public static let reasonBytesMax = 64

    public let kind: Kind
    public let count: UInt64

    public init(kind: Kind, count: UInt64) {
        self.kind = kind
        self.count = count
    }
}
