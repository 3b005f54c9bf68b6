import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

/// The worked example of a foreign site, nginx/example.conf, as its sysadmin would have it: TLS, HTTP/2, a CDN in front,
/// two server names, and a Zephr backend that knows one session.
///
/// The tests stand where the CDN does, and say in X-Forwarded-For which visitor a request is from.
final class ForeignSite {
    static let names = ["www.example.com", "magazine.example"]
    static let validSession = "valid-session"
    static let workersMax = 768

    let deployment: Deployment
    let securePort: Int
    let plainPort: Int
    private let backendPort: Int
    private(set) var nginx: RunningProcess?
    private(set) var backend: RunningProcess?

    private static let sites = """
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
    ///   - backend: what the Zephr backend does, where it is not to know a session.
    ///   - http: what this site's sysadmin decides in http.conf besides.
    init(
        responder: String = "", aggregator: String = "", backend: String? = nil, http: (String) -> String = { $0 }
    ) throws {
        deployment = try Deployment(sites: Self.sites, responder: responder, aggregator: aggregator)
        securePort = try Ports.free()
        plainPort = try Ports.free()
        backendPort = try Ports.free()
        try deployment.write(Self.magazineSecret, to: "magazine.secret")
        try writeSite(http)
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

    /// What nginx says of a configuration, which is nothing wrong when the status is 0.
    func test(_ configuration: String) async throws -> (status: Int32, text: String) {
        let process = try RunningProcess(
            Executables.nginx, ["-t", "-p", deployment.directory.path, "-c", deployment.path(configuration)])
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }

    private func startNginx(_ configuration: String) async throws -> RunningProcess {
        let user = getuid() == 0 ? ["-g", "user root;"] : []
        let process = try RunningProcess(
            Executables.nginx, ["-p", deployment.directory.path, "-c", deployment.path(configuration)] + user)
        await process.wait(forText: "start worker process ")
        #expect(process.text.contains("start worker process "), "\(process.text)")
        return process
    }

    /// A nginx of two workers as Debian sets it up, around the shipped example.
    private func writeSite(_ http: (String) -> String) throws {
        try ShippedNginx.install(in: deployment.directory) { name, text in
            guard name == "http.conf" else { return text }
            let decided = text.replacing("#magazine.example magazine;", with: "magazine.example magazine;")
                .replacing("#www.example.com \"default magazine\";", with: "www.example.com default;")
                .replacing("server 127.0.0.1:8081", with: "server 127.0.0.1:\(backendPort)")
            return http(decided)
        }
        try makeCertificate()
        for name in Self.names {
            let pages = deployment.directory.appendingPathComponent("www/\(name)")
            try FileManager.default.createDirectory(at: pages, withIntermediateDirectories: true)
            try "the front page of \(name)\n".write(
                to: pages.appendingPathComponent("index.html"), atomically: false, encoding: .utf8)
        }
        try deployment.write("staff:{PLAIN}open\n", to: "staff.htpasswd")
        try deployment.write(
            ShippedNginx.text("example.conf")
                .replacing("listen 80;", with: "listen 127.0.0.1:\(plainPort);")
                .replacing("listen 443 ssl http2;", with: "listen 127.0.0.1:\(securePort) ssl http2;")
                .replacing(/\ *listen \[::\].*\n/, with: "")
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
                listen 127.0.0.1:\(backendPort);
                location = /blaize/datalayer {
                    \(behaviour)
                }
            }
            """
        try deployment.write(
            Self.main("backend", "access_log backend-access.log;\n\(server)"), to: "nginx/backend.conf")
    }

    private static func main(_ name: String, _ http: String) -> String {
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

    private func makeCertificate() throws {
        for name in Self.names {
            let directory = deployment.directory.appendingPathComponent("tls/\(name)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-keyout", "\(directory.path)/privkey.pem", "-out",
                "\(directory.path)/fullchain.pem",
            ]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }
}
