/// Everything `config.yaml` says, checked.
public struct Configuration: Sendable, Equatable {
    public var responder: ResponderConfiguration
    public var aggregator: AggregatorConfiguration
    /// By the name that nginx gives in `fastcgi_param SITE`. A request that names none belongs to `default`.
    public var sites: [String: SiteConfiguration]
    /// The file that declares rule versions; nil when there is none.
    public var rules: String?

    public init(
        responder: ResponderConfiguration, aggregator: AggregatorConfiguration, sites: [String: SiteConfiguration],
        rules: String? = nil
    ) {
        self.responder = responder
        self.aggregator = aggregator
        self.sites = sites
        self.rules = rules
    }

    /// Where the file stands unless `--config` names another.
    public static let defaultPath = "/etc/rule-outcomes/config.yaml"
}
