/// Everything `config.yaml` says, checked.
public struct Configuration: Sendable, Equatable {
    public var responder: ResponderConfiguration
    public var aggregator: AggregatorConfiguration
    /// By the name that nginx gives in `fastcgi_param SITE`. A request that names none belongs to `default`.
    public var sites: [String: SiteConfiguration]
    /// The file that declares rule versions; nil when there is none.
    public var rules: String?
    /// What the file allows and yet is risky, in the order of its lines. Of the files that it names this says nothing.
    public var warnings: [ConfigurationError]

    public init(
        responder: ResponderConfiguration, aggregator: AggregatorConfiguration, sites: [String: SiteConfiguration],
        rules: String? = nil, warnings: [ConfigurationError] = []
    ) {
        self.responder = responder
        self.aggregator = aggregator
        self.sites = sites
        self.rules = rules
        self.warnings = warnings
    }

    /// Where the file stands unless `--config` names another.
    public static let defaultPath = "/etc/rule-outcomes/config.yaml"
}
