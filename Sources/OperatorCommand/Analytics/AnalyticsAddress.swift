/// What the analytics can be asked for, as the path and query of a URL.
struct AnalyticsAddress: Equatable {
    let text: String

    static let status = AnalyticsAddress(text: "/v1/status")

    static func rules(site: String) -> AnalyticsAddress {
        AnalyticsAddress(text: "/v1/sites/\(site.percentEncoded)/rules")
    }

    /// `format` is `json` or `csv`.
    static func outcomes(site: String, ruleID: String, format: String = "json") -> AnalyticsAddress {
        AnalyticsAddress(
            text: "/v1/sites/\(site.percentEncoded)/outcomes?ruleId=\(ruleID.percentEncoded)&format=\(format)")
    }

    /// The whole URL, over HTTP on a Unix socket.
    func url(socket: String) -> String {
        "http+unix://\(socket.percentEncoded)\(text)"
    }
}
