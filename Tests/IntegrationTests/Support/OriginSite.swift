import Foundation
import Testing

/// A site whose pages come from an origin behind nginx, with exposures taken from nginx's log.
///
/// The origin renders what the request says in `Render` and `Render-Too`, a header each, and sets the cookies that it says in
/// `Setting-First` and `Setting`. Below `/hidden/` nginx keeps cookies that the origin sets to itself.
final class OriginSite {
    let deployment: Deployment

    /// Writes everything; starts nothing.
    ///
    /// - Parameters:
    ///   - version: the nginx to run.
    ///   - responder: the lines that name the socket for exposures.
    ///   - change: what else is different in nginx's files, by name.
    init(
        version: Nginx = .debian, responder: String = "exposureSocket: exposures.sock",
        listen: String = "unix:responder.sock",
        nginx change: (String, String) -> String = { $1 }
    ) throws {
        let origin = try Ports.free()
        let server = """
            access_log pages.log;
            location / {
                proxy_pass http://127.0.0.1:\(origin);
                access_log pages.log;
                include rule-outcomes/exposures.conf;
            }
            location /hidden/ {
                proxy_pass http://127.0.0.1:\(origin);
                proxy_hide_header Set-Cookie;
                include rule-outcomes/exposures.conf;
            }
            """
        let conversions = try ShippedNginx.text("conversions.conf")
        deployment = try Deployment(
            sites: Self.sites, responder: responder, listen: listen, server: "\(conversions)\n\(server)",
            version: version
        ) { name, text in
            name == "derived.conf" ? change(name, text) + Self.origin(port: origin) : change(name, text)
        }
    }

    private static let sites =
        Deployment.openSite + """

              off:
                analytics: false
                origins: []
                session: presence
            """

    private static func origin(port: Int) -> String {
        """

        server {
            listen 127.0.0.1:\(port);
            access_log off;
            location / {
                add_header X-Rule-Outcomes $http_render;
                add_header X-Rule-Outcomes $http_render_too;
                add_header Set-Cookie $http_setting_first;
                add_header Set-Cookie $http_setting;
                add_header X-Other other;
                return 200 "a page";
            }
        }
        """
    }

    static let outcomes = #"[{"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2"}]"#

    /// Asks for a page.
    func page(
        _ cookie: String? = nil, showing outcomes: String? = OriginSite.outcomes, and more: String? = nil,
        setting: String? = nil, after first: String? = nil, at path: String = "/page", method: String = "GET",
        userAgent: String? = nil
    ) async throws -> Answer {
        let headers = [
            ("Render", outcomes), ("Render-Too", more), ("Setting-First", first), ("Setting", setting),
            ("User-Agent", userAgent),
        ]
        return try await deployment.send(
            ConversionRequest(
                method: method, path: path, cookie: cookie.map { "blaize_tracking_id=\($0)" },
                headers: headers.compactMap { name, value in value.map { (name, $0) } }, contentType: nil, body: ""))
    }

    /// Whether this nginx shows its logs the first of several headers of one name alone.
    var showsFirstHeadersAlone: Bool {
        guard let minor = deployment.nginx?.text.firstMatch(of: /nginx\/1\.(\d+)/)?.output.1 else { return false }
        return Int(minor) ?? 0 < 23
    }

    /// Waits until the log's lines are counted, by reason.
    func expectLog(_ expected: [String: Int]) async throws {
        var last: [String: Int] = [:]
        try await eventually("the log comes to \(expected)") {
            last = try await deployment.status().answers.filter { $0.door == "log" }
                .reduce(into: [:]) { $0["\($1.site) \($1.reason)", default: 0] += $1.count }
            return last == expected
        }
        #expect(last == expected)
    }
}
