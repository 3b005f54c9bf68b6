import Foundation
import Testing

/// nginx, responder and aggregator as processes, in a directory of their own.
final class Deployment {
    let directory: URL
    let port: Int
    private let version: Nginx
    private let listen: String
    let secret: String
    private(set) var aggregator: RunningProcess?
    private(set) var responder: RunningProcess?
    private(set) var nginx: RunningProcess?

    /// As systemd has it at boot, where it is not in a container: with the kernel's own ten, lines of a log are lost as soon as
    /// other tests keep a responder from a processor.
    private static let makeRoomForDatagrams: Void = {
        let path = "/proc/sys/net/unix/max_dgram_qlen"
        let count = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { Int($0.dropLast()) } ?? 0
        // Only root may, and tests that need it run as root.
        if count < 512 { try? "512".write(toFile: path, atomically: false, encoding: .utf8) }
    }()

    /// Writes everything that the processes need; starts none of them.
    ///
    /// - Parameters:
    ///   - sites: the lines under `sites:`; nil stands for one site that takes every credential.
    ///   - upstream: what nginx reaches the responder at, where that is not its socket in this directory.
    ///   - server: nginx configuration for the server block; nil stands for the shipped conversions.conf.
    ///   - version: the nginx to run.
    ///   - change: what else is different in nginx's files, by name.
    init(
        sites: String? = nil, responder: String = "", aggregator: String = "", listen: String = "unix:responder.sock",
        upstream: String? = nil, server: String? = nil, version: Nginx = .debian,
        nginx change: (String, String) -> String = { $1 }
    ) throws {
        self.version = version
        Self.makeRoomForDatagrams
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("ro-\(UUID().uuidString.prefix(8))")
        port = try Ports.free()
        self.listen = listen
        secret = "shared secret of the test, long enough for any hash: \(UUID().uuidString)"
        for name in ["data", "nginx", "tmp"] {
            try FileManager.default.createDirectory(
                at: directory.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        try write(secret, to: "jwt.secret")
        try write(UUID().uuidString + UUID().uuidString, to: "subject.secret")
        try write(
            """
            responder:
              listen: \(listen)
              subjectSecret: subject.secret
            \(responder.indentedLines)
            aggregator:
              socket: aggregator.sock
              analyticsSocket: analytics.sock
              dataDirectory: data
            \(aggregator.indentedLines)
            sites:
            \(sites ?? Self.openSite)
            """, to: "config.yaml")
        try writeNginx { name, text in
            switch name {
            case "http.conf":
                change(
                    name,
                    upstream.map { text.replacing("unix:/run/rule-outcomes/responder.sock", with: $0) } ?? text)
            case "conversions.conf": server ?? text
            default: change(name, text)
            }
        }
    }

    static let openSite = """
          default:
            origins: [https://www.example.com]
            session: presence
            jwt:
              secret: jwt.secret
              algorithms: [HS256]
        """

    deinit {
        nginx?.signalGroup(SIGKILL)
        responder?.signal(SIGKILL)
        // Its whole group: a strace that is killed lets go of what it traces, and does not end it.
        aggregator?.signalGroup(SIGKILL)
        try? FileManager.default.removeItem(at: directory)
    }

    func path(_ name: String) -> String {
        directory.appendingPathComponent(name).path
    }

    var configurationPath: String { path("config.yaml") }

    /// The port of `listen: tcp:…`.
    func responderPort() throws -> Int {
        try #require(listen.split(separator: ":").last.flatMap { Int($0) })
    }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    }

    /// What every file of the directory holds, by its path in there; sockets apart.
    func files() throws -> [String: String] {
        var files: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory.path) {
            guard let data = FileManager.default.contents(atPath: path(name)) else { continue }
            files[name] = String(decoding: data, as: UTF8.self)
        }
        return files
    }

    /// Starts all three and returns when they serve.
    func start() async throws {
        try await startAggregator()
        try await startResponder()
        try await startNginx()
    }

    /// - Parameter strace: arguments of strace to run it under; empty for none.
    func startAggregator(tracedBy strace: [String] = [], environment: [String: String] = [:]) async throws {
        let process = try spawnAggregator(tracedBy: strace, environment: environment)
        await process.wait(forText: "listening for analytics")
        await process.wait(forText: "listening for responders")
        try #require(process.text.contains("listening for responders"), "\(process.text)")
    }

    /// Starts it, and does not wait until it serves.
    @discardableResult
    func spawnAggregator(
        tracedBy strace: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningProcess {
        let process = try spawn(Executables.aggregator, tracedBy: strace, environment)
        aggregator = process
        return process
    }

    func startResponder(tracedBy strace: [String] = [], environment: [String: String] = [:]) async throws {
        let process = try spawnResponder(tracedBy: strace, environment: environment)
        await process.wait(forText: "connected to the aggregator")
        #expect(process.text.contains("connected to the aggregator"), "\(process.text)")
    }

    /// Starts it, and does not wait until it is connected.
    @discardableResult
    func spawnResponder(
        tracedBy strace: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningProcess {
        let process = try spawn(Executables.responder, tracedBy: strace, environment)
        responder = process
        return process
    }

    private func spawn(
        _ daemon: URL, tracedBy strace: [String], _ environment: [String: String]
    ) throws -> RunningProcess {
        let arguments = ["--config", configurationPath]
        guard !strace.isEmpty else { return try RunningProcess(daemon, arguments, environment: environment) }
        return try RunningProcess(
            URL(fileURLWithPath: "/usr/bin/strace"), strace + [daemon.path] + arguments, environment: environment)
    }

    /// Starts another responder, which listens on the socket `name` and shares all else with the first.
    func startAnotherResponder(socket name: String) async throws -> RunningProcess {
        let text = try String(contentsOfFile: configurationPath, encoding: .utf8)
        try write(text.replacing("listen: \(listen)", with: "listen: unix:\(name)"), to: "\(name).yaml")
        let process = try RunningProcess(Executables.responder, ["--config", path("\(name).yaml")])
        await process.wait(forText: "connected to the aggregator")
        #expect(process.text.contains("connected to the aggregator"), "\(process.text)")
        return process
    }

    /// Sends SIGHUP to a daemon, and returns when it has said so, for that many times in all.
    func reload(_ daemon: RunningProcess?, saying text: String, times: Int = 1) async throws {
        let daemon = try #require(daemon)
        daemon.signal(SIGHUP)
        await daemon.wait(forText: text, times: times)
        #expect(daemon.text.contains(text), "\(daemon.text)")
    }

    func startNginx() async throws {
        nginx = try await version.start(path("nginx/nginx.conf"), in: directory.path)
    }

    /// The shipped demo.conf and the files it includes, on this deployment's port and sockets; nobody is asked about
    /// sessions.
    private func writeNginx(changing change: (String, String) -> String) throws {
        try write(
            try ShippedNginx.text("demo.conf").replacing("127.0.0.1:8080", with: "127.0.0.1:\(port)")
                .replacing("error_log stderr warn", with: "error_log stderr notice")
                .replacing("conversions-with-sessions.conf", with: "conversions.conf"),
            to: "nginx/nginx.conf")
        try ShippedNginx.install(in: directory, changing: change)
    }
}

extension String {
    /// Lines of a section of config.yaml.
    fileprivate var indentedLines: String {
        split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    }
}

/// The executables under test, as built beside the tests, or, as `make build` leaves them, in the directory that `PROGRAMS`
/// names.
enum Executables {
    static let responder = url("rule-outcomes-responder")
    static let aggregator = url("rule-outcomes-aggregator")
    static let operatorTool = url("rule-outcomes")
    static let simulatedPast = url("SimulatedPast")
    static let promtool = URL(fileURLWithPath: "/usr/bin/promtool")
    static let shell = URL(fileURLWithPath: "/bin/sh")

    /// The root of the checkout.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs a Python script of these tests, in the environment that `make test` has made for them.
    static func runPython(
        _ script: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        let python = repository.appendingPathComponent(".build/python/bin/python")
        try #require(
            FileManager.default.isExecutableFile(atPath: python.path), "\(python.path) is missing: run `make test`")
        let path = repository.appendingPathComponent("Tests/IntegrationTests/\(script)").path
        let process = try RunningProcess(python, ["-B", path] + arguments, environment: environment)
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }

    private static let directory =
        ProcessInfo.processInfo.environment["PROGRAMS"].map { URL(fileURLWithPath: $0) } ?? linked

    /// A program is what it is called, so what was built is called by each name, in a directory beside the tests.
    private static let linked: URL = {
        let built = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let directory = built.appendingPathComponent("programs")
        try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, program) in [
            ("rule-outcomes", "rule-outcomes"), ("rule-outcomes-aggregator", "rule-outcomes"),
            ("rule-outcomes-responder", "rule-outcomes"), ("SimulatedPast", "SimulatedPast"),
        ] {
            // In place of what an earlier build has left, while other tests may be running it.
            let new = directory.appendingPathComponent("\(name).\(getpid())").path
            unlink(new)
            guard link(built.appendingPathComponent(program).path, new) == 0,
                rename(new, directory.appendingPathComponent(name).path) == 0
            else { fatalError("\(name) cannot be linked: \(String(cString: strerror(errno)))") }
            // Where both were the same already, it is still there.
            unlink(new)
        }
        return directory
    }()

    private static func url(_ name: String) -> URL {
        directory.appendingPathComponent(name)
    }
}

extension Deployment {
    /// Runs the operator's tool on this deployment's configuration.
    func run(_ arguments: String...) async throws -> (status: Int32, text: String) {
        try await run(arguments)
    }

    /// - Parameter columns: how wide the terminal is that the output goes to; nil for a pipe.
    func run(
        _ arguments: [String], onTerminalOf columns: Int? = nil
    ) async throws -> (status: Int32, text: String) {
        let arguments = arguments + ["--config", configurationPath]
        let command = ([Executables.operatorTool.path] + arguments).joined(separator: " ")
        let process =
            if let columns {
                try RunningProcess(
                    URL(fileURLWithPath: "/usr/bin/script"),
                    ["--quiet", "--return", "--command", "stty cols \(columns); exec \(command)", "/dev/null"])
            } else {
                try RunningProcess(Executables.operatorTool, arguments)
            }
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }

    /// Gives `rule-outcomes forget` these tracking ids on standard input.
    func forget(_ trackingIDs: String) async throws -> (status: Int32, text: String) {
        let process = try forgetting(trackingIDs)
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }

    /// The same, which goes on.
    func forgetting(_ trackingIDs: String, of site: String? = nil) throws -> RunningProcess {
        try write(trackingIDs, to: "ids")
        return try RunningProcess(
            Executables.shell,
            [
                "-c", "exec \"$0\" forget --config \"$1\" \(site.map { "--site \($0)" } ?? "") < \"$2\"",
                Executables.operatorTool.path, configurationPath, path("ids"),
            ])
    }
}

/// Ports of the loopback address.
enum Ports {
    /// One that nothing listens on.
    static func free() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 ? getsockname(descriptor, pointer, &size) : -1
            }
        }
        guard result == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
