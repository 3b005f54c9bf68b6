import Foundation
import Testing

/// An identity provider: nginx with TLS and a certificate for `localhost`, which publishes what a test writes, and
/// misbehaves where it is asked to.
final class KeyPublisher {
    let directory: URL
    let port: Int
    private var nginx: RunningProcess?

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("ro-\(UUID().uuidString.prefix(8))")
        port = try Ports.free()
        for name in ["tmp", "keys"] {
            try FileManager.default.createDirectory(at: path(name), withIntermediateDirectories: true)
        }
        try Certificates.make(for: "localhost", in: path("tls"))
        let server = """
            server {
                listen 127.0.0.1:\(port) ssl;
                ssl_certificate tls/fullchain.pem;
                ssl_certificate_key tls/privkey.pem;
                root keys;
                location = /slow.json { limit_rate 1; }
                location = /moved { return 302 set.json; }
                location = /moved-thrice { return 301 /moved-twice; }
                location = /moved-twice { return 307 https://localhost:\(port)/moved; }
                location = /moved-four-times { return 308 /moved-thrice; }
                location = /round { return 302 /round; }
                location = /away { return 302 https://127.0.0.1:\(port)/set.json; }
                location = /plain { return 302 http://localhost:\(port)/set.json; }
                location = /nowhere { return 302 ""; }
            }
            """
        let text = ForeignSite.main(
            "publisher", "log_format asked '$request_uri'; access_log asked.log asked;\n\(server)")
        try text.write(to: path("nginx.conf"), atomically: false, encoding: .utf8)
    }

    deinit {
        nginx?.signalGroup(SIGKILL)
        try? FileManager.default.removeItem(at: directory)
    }

    func start() async throws {
        nginx = try await Nginx.debian.start(path("nginx.conf").path, in: directory.path)
    }

    /// Where the file `name` is asked for.
    func url(_ name: String) -> String {
        "https://localhost:\(port)/\(name)"
    }

    /// What stands in the way of an answer where whoever asks does not trust this.
    var authorities: String { path("tls/fullchain.pem").path }

    /// Publishes `text`, all of it at once.
    func publish(_ text: String, as name: String = "set.json") throws {
        try text.write(to: path("keys/\(name)"), atomically: true, encoding: .utf8)
    }

    /// What was asked for, with queries, in order.
    func asked() throws -> [String] {
        try String(contentsOf: path("asked.log"), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private func path(_ name: String) -> URL {
        directory.appendingPathComponent(name)
    }
}
