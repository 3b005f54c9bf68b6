/// The `aggregator` section.
public struct AggregatorConfiguration: Sendable, Equatable {
    /// The Unix socket that responders forward to.
    public var socket: String
    public var access: SocketAccess
    /// The Unix socket that serves the analytics.
    public var analyticsSocket: String
    public var analyticsAccess: SocketAccess
    /// Holds the journal and the store; must exist and belong to one aggregator alone.
    public var dataDirectory: String
    /// How many rule versions of a site are told apart; the rest is counted under one name. Likewise below.
    public var rulesPerSiteMax: Int
    public var outcomesPerRuleMax: Int
    public var conversionsPerOutcomeMax: Int

    public init(
        socket: String, access: SocketAccess = SocketAccess(), analyticsSocket: String,
        analyticsAccess: SocketAccess = SocketAccess(), dataDirectory: String,
        rulesPerSiteMax: Int = 10_000, outcomesPerRuleMax: Int = 500, conversionsPerOutcomeMax: Int = 50
    ) {
        self.socket = socket
        self.access = access
        self.analyticsSocket = analyticsSocket
        self.analyticsAccess = analyticsAccess
        self.dataDirectory = dataDirectory
        self.rulesPerSiteMax = rulesPerSiteMax
        self.outcomesPerRuleMax = outcomesPerRuleMax
        self.conversionsPerOutcomeMax = conversionsPerOutcomeMax
    }
}
