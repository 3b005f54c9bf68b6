import ConfigurationFile
import Credentials
import FastCGI
import Foundation
import Records
import Synchronization
import TestSupport

@testable import Responder

/// An endpoint whose aggregator answers as the test says, and which remembers what it forwarded, counted and logged.
struct TestEndpoint {
    /// Bytes 0 to 31.
    static let subjectSecret: [UInt8] = Array(0..<32)

    private final class Memory: Sendable {
        let records = Mutex<[Record]>([])
        let kinds = Mutex<[TallyEntry.Kind]>([])
    }

    private let endpoint: Endpoint
    private let memory = Memory()
    private let log = LogRecorder()

    /// An endpoint for one site, `default`.
    init(fate: ForwardingFate = .durable, _ change: (inout SiteConfiguration) -> Void = { _ in }) throws {
        try self.init(sites: ["default": .test(change)], fate: fate)
    }

    /// The same where what becomes of a record depends on the record.
    init(fate: @escaping @Sendable (Record) -> ForwardingFate) throws {
        try self.init(sites: ["default": .test()], refusal: nil, fate: fate)
    }

    init(sites: [String: SiteConfiguration], fate: ForwardingFate = .durable, hasKeys: Bool = true) throws {
        try self.init(
            sites: sites, refusal: fate == .durable ? nil : fate, hasKeys: hasKeys, fate: { _ in fate })
    }

    /// Every site without a `jwt` section gets one with ``TestTokens/secret``, the site `other` with
    /// ``TestTokens/otherSecret``.
    private init(
        sites: [String: SiteConfiguration], refusal: ForwardingFate?, hasKeys: Bool = true,
        fate: @escaping @Sendable (Record) -> ForwardingFate
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("responder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var read: [String: Site] = [:]
        for (name, configuration) in sites {
            var configuration = configuration
            if hasKeys {
                let file = folder.appendingPathComponent(name)
                try Data((name == "other" ? TestTokens.otherSecret : TestTokens.secret).utf8).write(to: file)
                let key = KeyFile(path: file.path, configurationFile: "config.yaml", line: 1)
                configuration.jwt = JWTConfiguration(secret: key, algorithms: [.hs256])
            }
            read[name] = try Site(configuration)
        }
        self.init(directory: SiteDirectory(read), refusal: refusal, fate: fate)
    }

    init(
        directory: SiteDirectory, refusal: ForwardingFate? = nil,
        fate: @escaping @Sendable (Record) -> ForwardingFate = { _ in .durable }
    ) {
        let memory = memory
        endpoint = Endpoint(
            sites: directory, subjectKey: SubjectKey(secret: Self.subjectSecret), notices: Notices(logger: log.logger),
            way: Endpoint.Way(
                forward: { record, completion in
                    memory.records.withLock { $0.append(record) }
                    completion(fate(record))
                },
                refusal: { refusal },
                verification: { _, verify, completion in
                    completion(verify())
                    return true
                },
                count: { kind in memory.kinds.withLock { $0.append(kind) } },
                countWith: { counter in memory.kinds.withLock { $0.append(counter.kind) } }))
    }

    func answer(to request: TestRequest = TestRequest()) async -> Response {
        await withCheckedContinuation { continuation in
            request.withRequest { request in
                endpoint.respond(to: request) { continuation.resume(returning: Response(reading: $0)) }
            }
        }
    }

    /// What was forwarded, in order.
    var records: [Record] {
        memory.records.withLock { $0 }
    }

    /// What was counted, in order.
    var kinds: [TallyEntry.Kind] {
        memory.kinds.withLock { $0 }
    }

    var logLines: [String] {
        log.lines
    }
}

extension SiteConfiguration {
    /// A site that lists ``TestRequest/origin`` and believes nginx about sessions.
    static func test(_ change: (inout SiteConfiguration) -> Void = { _ in }) -> SiteConfiguration {
        var site = SiteConfiguration(origins: .list([TestRequest.origin]), session: .nginx)
        change(&site)
        return site
    }
}

extension Response {
    /// Reads what goes to the web server.
    init(reading encoded: EncodedResponse) {
        let text = String(decoding: encoded.bytes, as: UTF8.self)
        let end = text.firstRange(of: "\r\n\r\n")
        let lines = text[..<(end?.lowerBound ?? text.endIndex)].split(separator: "\r\n")
        let status = lines.first?.dropFirst("Status: ".count) ?? ""
        self.init(
            status: Int(status.prefix(3)) ?? 0, reasonPhrase: String(status.dropFirst(4)),
            body: String(text[(end?.upperBound ?? text.endIndex)...]))
        for line in lines.dropFirst() {
            let parts = line.split(separator: ": ", maxSplits: 1)
            add(String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
        }
    }

    /// The values of every header of that name.
    func all(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
