import ClickHouseStorage
import Foundation
import HTTPRequests
import Storage
import TestSupport
import Testing

/// A server on loopback, with a directory of its own.
final class ClickHouseProcess: Sendable {
    /// Of which version it is. The store has to do the same on both.
    enum Version: CaseIterable {
        /// Debian's, of 2018.
        case debian
        /// PyPI's chdb, which has the engine of this year without a server.
        case current
    }

    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let build = directory.appendingPathComponent("../../../.build").standardized.path
    /// Unpacked by `make test`.
    private static let root = "\(build)/clickhouse/root"
    private static let user = "rule_outcomes"
    private static let password = "a password of the tests"

    private let directory: TemporaryDirectory
    private let client = HTTPClient()
    private let processID: pid_t
    private let port: UInt16

    /// Where its files are.
    var path: String { directory.path }

    init(_ version: Version, logsEverything: Bool = false) async throws {
        directory = try TemporaryDirectory()
        port = try Self.freePort()
        try Self.configuration(directory: directory.path, port: port, logsEverything: logsEverything)
            .write(toFile: "\(directory.path)/config.xml", atomically: true, encoding: .utf8)
        try Self.users.write(toFile: "\(directory.path)/users.xml", atomically: true, encoding: .utf8)
        let output = open("\(directory.path)/output", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(output) }
        processID = try Self.start(version, "\(directory.path)", port: port, output: output)
        let patience = ContinuousClock.now + .seconds(60)
        while try await run("SELECT 1") == nil {
            try #require(ContinuousClock.now < patience, "clickhouse-server does not answer")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit {
        kill(processID, SIGKILL)
        _ = Spawning.wait(for: processID)
    }

    /// A database of its own.
    func newDatabase() async throws -> ClickHouseAddress {
        let name = "store_\(UInt64.random(in: .min ... .max))"
        try #require(try await run("CREATE DATABASE \(name)") != nil)
        return ClickHouseAddress(
            url: "http://127.0.0.1:\(port)", database: name, user: Self.user, password: Self.password)
    }

    /// What it answers; nil where it does not.
    func run(_ query: String) async throws -> String? {
        var request = HTTPRequest(
            url: "http://127.0.0.1:\(port)/", method: "POST", timeoutSeconds: 60, answerBytesMax: 1 << 20)
        request.headers.add("X-ClickHouse-User", Self.user)
        request.headers.add("X-ClickHouse-Key", Self.password)
        request.body = [UInt8](query.utf8)
        guard let response = try? await client.send(request), response.status == 200 else { return nil }
        return String(decoding: response.body, as: UTF8.self)
    }

    private static func start(
        _ version: Version, _ directory: String, port: UInt16, output: Int32
    ) throws -> pid_t {
        switch version {
        case .debian:
            try Spawning.spawn(
                ["\(root)/usr/sbin/clickhouse-server", "--config-file=\(directory)/config.xml"],
                environment: ["LD_LIBRARY_PATH": try libraries()], output: output)
        case .current:
            try Spawning.spawn(
                [
                    "\(build)/python/bin/python", "-B", "\(Self.directory.path)/chdb_server.py", "\(port)", directory,
                ], output: output)
        }
    }

    private static func configuration(directory: String, port: UInt16, logsEverything: Bool) -> String {
        """
        <yandex>
        <logger><level>\(logsEverything ? "trace" : "warning")</level><log>\(directory)/log</log><errorlog>\(directory)/errors</errorlog></logger>
        <http_port>\(port)</http_port><listen_host>127.0.0.1</listen_host><keep_alive_timeout>60</keep_alive_timeout>
        <path>\(directory)/data/</path><tmp_path>\(directory)/tmp/</tmp_path><timezone>UTC</timezone>
        <users_config>users.xml</users_config><default_profile>default</default_profile>
        <default_database>default</default_database><mark_cache_size>16777216</mark_cache_size>
        \(logsEverything ? queryLog : "")
        </yandex>
        """
    }

    /// Of every architecture that there is, which is one.
    private static func libraries() throws -> String {
        let directory = "\(root)/usr/lib"
        return try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.contains("-linux-") }
            .map { "\(directory)/\($0)" }.joined(separator: ":")
    }

    private static let queryLog = """
        <query_log><database>system</database><table>query_log</table>
        <flush_interval_milliseconds>100</flush_interval_milliseconds></query_log>
        """

    private static let users = """
        <yandex><profiles><default><log_queries>1</log_queries></default></profiles><quotas><default></default></quotas>
        <users><\(user)><password>\(password)</password><networks><ip>127.0.0.1</ip></networks>
        <profile>default</profile><quota>default</quota></\(user)></users></yandex>
        """

    /// One that nobody has now. Somebody may take it before the server does, which then does not answer.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// Two servers for all tests of a suite.
struct WithClickHouse: SuiteTrait, TestScoping {
    @TaskLocal static var servers: [ClickHouseProcess] = []

    let version: ClickHouseProcess.Version
    let logsEverything: Bool

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let servers = [
            try await ClickHouseProcess(version, logsEverything: logsEverything),
            try await ClickHouseProcess(version, logsEverything: logsEverything),
        ]
        try await Self.$servers.withValue(servers) { try await function() }
    }

    /// A database on each of the first servers.
    static func databases(_ count: Int = 2) async throws -> [ClickHouseAddress] {
        var addresses: [ClickHouseAddress] = []
        for server in servers.prefix(count) { addresses.append(try await server.newDatabase()) }
        return addresses
    }

    /// A store whose replaced parts go after a second.
    static func open(
        _ databases: [ClickHouseAddress], limits: DimensionLimits = DimensionLimits(), journalID: UInt128? = nil
    ) async throws -> ClickHouseOutcomeStore {
        try await ClickHouseOutcomeStore(
            at: databases, limits: limits, journalID: journalID, keepingReplacedParts: 1)
    }
}

extension SuiteTrait where Self == WithClickHouse {
    /// - Parameter logsEverything: whether the servers keep all queries, in their log and in a table.
    static func withClickHouse(
        _ version: ClickHouseProcess.Version, logsEverything: Bool = false
    ) -> WithClickHouse {
        WithClickHouse(version: version, logsEverything: logsEverything)
    }
}
