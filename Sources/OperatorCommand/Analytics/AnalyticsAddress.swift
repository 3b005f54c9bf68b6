import Analytics

/// What the analytics can be asked for, as the path and query of a URL.
struct AnalyticsAddress: Equatable {
    let text: String

    static let status = AnalyticsAddress(text: "/v1/status")

    static func rules(site: String) -> AnalyticsAddress {
        AnalyticsAddress(text: "/v1/sites/\(site.percentEncoded)/rules")
    }

    /// - Parameter query: further names and values; what has none is left out.
    static func outcomes(
        site: String, ruleID: String, _ query: [(String, String?)] = []
    ) -> AnalyticsAddress {
        report("outcomes", site: site, ruleID: ruleID, query)
    }

    /// Zephr's own shape.
    static func export(site: String, ruleID: String, _ query: [(String, String?)]) -> AnalyticsAddress {
        report("export", site: site, ruleID: ruleID, query)
    }

    private static func report(
        _ name: String, site: String, ruleID: String, _ query: [(String, String?)]
    ) -> AnalyticsAddress {
        let further = query.compactMap { name, value in value.map { "&\(name)=\($0.percentEncoded)" } }.joined()
        return AnalyticsAddress(
            text: "/v1/sites/\(site.percentEncoded)/\(name)?ruleId=\(ruleID.percentEncoded)\(further)")
    }

    /// The whole URL, over HTTP on a Unix socket.
    func url(socket: String) -> String {
        "http+unix://\(socket.percentEncoded)\(text)"
    }
}
