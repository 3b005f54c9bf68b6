import Foundation
import HTTPRequests
import Testing

/// The worked example of a foreign site, nginx/example.conf, as its sysadmin would have it: TLS, HTTP/2, a CDN in front,
/// two server names, and a Zephr, over TLS as well, that knows one session.
///
/// The tests stand where the CDN does, and say in X-Forwarded-For which visitor a request is from.
final class ForeignSite {
    static let names = ["www.example.com", "magazine.example"]
    static let validSession = "valid-session"
    static let workersMax = 768

    static let zephr = "example-www.cdn.zephr.com"

    let deployment: Deployment
    let version: Nginx
    let securePort: Int
    let plainPort: Int
    private let backendPort: Int
    private(set) var nginx: RunningProcess?
    private(set) var backend: RunningProcess?

    static let sites = """
          default:
            origins: [https://www.example.com]
            session: nginx
            jwt:
              secret: jwt.secret
              algorithms: [HS256]
          magazine:
            origins: [https://magazine.example]
            jwt:
              secret: magazine.secret
              algorithms: [HS256]
        """

    static let magazineSecret = "the secret of the magazine, long enough for any hash: 0123456789"

    /// Writes everything; starts nothing.
    ///
    /// - Parameters:
    ///   - sites: the lines under `sites:`.
    ///   - backend: what Zephr does, where it is not to know a session.
    ///   - version: the nginx to run.
    ///   - http: what this site's sysadmin decides in http.conf besides.
    ///   - session: the same for session.conf.
    ///   - errors: the level of the endpoint's error log.
    init(
        sites: String = ForeignSite.sites, responder: String = "", aggregator: String = "", backend: String? = nil,
        version: Nginx = .debian, errors: String = "emerg", http: (String) -> String = { $0 },
        session: (String) -> String = { $0 }
    ) throws {
        self.version = version
        deployment = try Deployment(sites: sites, responder: responder, aggregator: aggregator)
        securePort = try Ports.free()
        plainPort = try Ports.free()
        backendPort = try Ports.free()
        try deployment.write(Self.magazineSecret, to: "magazine.secret")
        try makeCertificates()
        try writeSite(errors, http, session)
        try writeBackend(backend)
    }

    deinit {
        for process in [nginx, backend] { process?.signalGroup(SIGKILL) }
    }

    /// Starts all and returns when they serve.
    func start() async throws {
        try await deployment.startAggregator()
        try await startAllButAggregator()
    }

    func startAllButAggregator() async throws {
        try await deployment.startResponder()
        try await startBackend()
        nginx = try await startNginx("nginx/site.conf")
    }

    func startBackend() async throws {
        backend = try await startNginx("nginx/backend.conf")
    }

    private func startNginx(_ configuration: String) async throws -> RunningProcess {
        try await version.start(deployment.path(configuration), in: deployment.directory.path)
    }

    /// A nginx of two workers as Debian sets it up, around the shipped example.
    private func writeSite(
        _ errors: String, _ http: (String) -> String, _ session: (String) -> String
    ) throws {
        try ShippedNginx.install(in: deployment.directory) { name, text in
            switch name {
            case "http.conf":
                http(
                    text.replacing("#magazine.example magazine;", with: "magazine.example magazine;")
                        .replacing("#www.example.com \"default magazine\";", with: "www.example.com default;")
                        .replacing("#www.example.com \(Self.zephr);", with: "www.example.com \(Self.zephr);")
                        .replacing("#upstream \(Self.zephr) {", with: "upstream \(Self.zephr) {")
                        .replacing("#    server 203.0.113.7:443", with: "server 127.0.0.1:\(backendPort)")
                        .replacing("#    server 127.0.0.1:1 down;\n#}", with: "server 127.0.0.1:1 down;\n}"))
            case "session.conf":
                session(
                    text.replacing(
                        "/etc/ssl/certs/ca-certificates.crt", with: deployment.path("tls/\(Self.zephr)/fullchain.pem")))
            case "responder.conf": text.replacing("error.log emerg", with: "error.log \(errors)")
            default: text
            }
        }
        for name in Self.names {
            let pages = deployment.directory.appendingPathComponent("www/\(name)")
            try FileManager.default.createDirectory(at: pages, withIntermediateDirectories: true)
            try "the front page of \(name)\n".write(
                to: pages.appendingPathComponent("index.html"), atomically: false, encoding: .utf8)
        }
        try deployment.write("staff:{PLAIN}open\n", to: "staff.htpasswd")
        try deployment.write(
            version.adapting(ShippedNginx.text("example.conf"))
                .replacing("listen 80;", with: "listen 127.0.0.1:\(plainPort);")
                .replacing("listen 443 ssl", with: "listen 127.0.0.1:\(securePort) ssl")
                .replacing(/\ *listen \[::\].*\n( *http2 on;\n)?/, with: "")
                .replacing("set_real_ip_from 198.51.100.0/24;", with: "set_real_ip_from 127.0.0.1;")
                .replacing("/etc/letsencrypt/live/", with: deployment.path("tls") + "/")
                .replacing("/var/www/", with: deployment.path("www") + "/")
                .replacing("/etc/nginx/staff.htpasswd", with: deployment.path("staff.htpasswd")),
            to: "nginx/example.conf")
        try deployment.write(Self.main("site", "access_log access.log;\ninclude example.conf;"), to: "nginx/site.conf")
    }

    private func writeBackend(_ behaviour: String?) throws {
        let behaviour =
            behaviour ?? """
                if ($cookie_blaize_session != "\(Self.validSession)") { return 401; }
                return 200 "{}";
                """
        let server = """
            server {
                listen 127.0.0.1:\(backendPort) ssl;
                ssl_certificate \(deployment.path("tls/\(Self.zephr)/fullchain.pem"));
                ssl_certificate_key \(deployment.path("tls/\(Self.zephr)/privkey.pem"));
                # Zephr knows its sites by the name that they are called by.
                if ($http_host != "\(Self.zephr)") { return 404; }
                if ($ssl_server_name != "\(Self.zephr)") { return 404; }
                location = /blaize/datalayer {
                    \(behaviour)
                }
            }
            """
        try deployment.write(
            Self.main("backend", "access_log backend-access.log;\n\(server)"), to: "nginx/backend.conf")
    }

    /// A configuration of nginx of its own, which keeps its files apart from those of others in the same directory.
    static func main(_ name: String, _ http: String) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path tmp/\(name)-\($0);"
        }
        return """
            worker_processes 2;
            pid \(name).pid;
            error_log stderr notice;
            daemon off;
            events { worker_connections \(workersMax); }
            http {
                \(temporary.joined(separator: "\n"))
                \(http)
            }

            """
    }

    private func makeCertificates() throws {
        for name in Self.names + [Self.zephr] {
            try Certificates.make(for: name, in: deployment.directory.appendingPathComponent("tls/\(name)"))
        }
    }
}

extension ForeignSite {
    private static let client = makeClient(offersHTTP2: true)
    /// For load: over HTTP/1.1, because the client gives up what it has just sent where a server ends an HTTP/2
    /// connection after a thousand requests, as nginx does. Browsers send it again.
    private static let loadClient = makeClient(offersHTTP2: false)

    /// Takes this machine for whatever a URL names, and the site's certificates, which nobody has signed.
    private static func makeClient(offersHTTP2: Bool) -> HTTPClient {
        var options = HTTPClient.Options(connectionsPerHost: 1024)
        options.offersHTTP2 = offersHTTP2
        options.address = "127.0.0.1"
        // On a machine that has others to serve, TLS may take longer than a person would wait.
        options.connectTimeoutSeconds = 60
        options.verifiesCertificates = false
        return HTTPClient(options)
    }

    /// Sends a request to a site over TLS, as the CDN would for the visitor at that address.
    func send(
        _ request: ConversionRequest, to name: String = "www.example.com", from visitor: String = "192.0.2.1"
    ) async throws -> Answer {
        try await Self.send(request, to: name, port: securePort, from: visitor)
    }

    /// The same without the site itself, so that it can go where tasks go.
    static func send(
        _ request: ConversionRequest, to name: String, port: Int, from visitor: String, scheme: String = "https",
        isLoad: Bool = false
    ) async throws -> Answer {
        var message = request.message(to: "\(scheme)://\(name):\(port)", from: visitor)
        message.timeoutSeconds = 60
        return Answer(try await (isLoad ? loadClient : client).send(message))
    }

    /// A conversion with a token that the site takes.
    func withToken(visitor: String = "visitor", conversion: String = "REGISTERED") -> ConversionRequest {
        ConversionRequest(
            cookie: "blaize_tracking_id=\(visitor)",
            headers: [("Authorization", "Bearer \(Tokens.hs256(secret: deployment.secret))")],
            body: ConversionRequest.body(conversion: conversion))
    }

    /// A conversion with a session cookie.
    static func withSession(_ session: String = validSession, visitor: String = "visitor") -> ConversionRequest {
        ConversionRequest(cookie: "blaize_tracking_id=\(visitor); blaize_session=\(session)")
    }

    /// A page that has nothing to do with conversions.
    static let page = ConversionRequest(method: "GET", path: "/", cookie: nil, contentType: nil)
}
