import ConfigurationFile
import Foundation
import Testing

@testable import Responder

/// A configuration of the sites `good` and `bad`, the second of whose keys cannot be used, and an endpoint for them.
@Suite("Sites whose keys cannot be used")
final class UnusableKeysTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(String(repeating: "s", count: 32), to: "subject.secret")
        try write(TestTokens.secret, to: "good.secret")
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    private func load(bad: String = "") throws -> LoadedConfiguration {
        let text = """
            responder: { listen: unix:r.sock, subjectSecret: subject.secret }
            aggregator: { socket: a.sock, analyticsSocket: b.sock, dataDirectory: data }
            sites:
              good:
                origins: ["\(TestRequest.origin)"]
                jwt: { secret: good.secret, algorithms: [HS256] }
              bad:
                origins: ["\(TestRequest.origin)"]
                session: presence
                \(bad)
                jwt: { secret: bad.secret, algorithms: [HS256] }
            """
        let path = folder.appendingPathComponent("config.yaml").path
        return try LoadedConfiguration(try Configuration.parse(text: text, file: path))
    }

    private static let toBad = TestRequest().with("SITE", "bad")

    @Test("every such site is named with the reason, and the others are ready")
    func loading() async throws {
        let loaded = try load()
        #expect(Set(loaded.sites.keys) == ["good", "bad"])
        #expect(loaded.unusableKeys.map(\.site) == ["bad"])
        let errors = loaded.unusableKeys.flatMap { $0.errors.errors }
        #expect(errors.map(\.line) == [11])
        #expect(errors.allSatisfy { $0.message.hasPrefix("site 'bad': the key file ") })
        let endpoint = TestEndpoint(directory: SiteDirectory(loaded.sites))
        #expect(await endpoint.answer(to: TestRequest().with("SITE", "good")).status == 201)
    }

    @Test("an unusable subject secret is every site's, and ends the loading")
    func subjectSecret() throws {
        try write("short", to: "subject.secret")
        #expect(throws: ConfigurationErrors.self) { try load() }
    }

    @Test("such a site answers 503, with no path in it, where its credentials would be checked, and the log says why")
    func answer() async throws {
        let endpoint = TestEndpoint(directory: SiteDirectory(try load().sites))
        let withSession = Self.toBad.bare.adding("HTTP_COOKIE", "blaize_session=s")
        for request in [Self.toBad, Self.toBad.bare, withSession] {
            let answer = await endpoint.answer(to: request)
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "60")
            #expect(answer.all("Access-Control-Allow-Origin") == [TestRequest.origin])
            #expect(answer.body.hasPrefix("This site's keys cannot be used"))
            #expect(!answer.body.contains(folder.path) && !answer.body.contains("bad.secret"))
        }
        #expect(endpoint.kinds.map(\.reason) == ["keys", "keys", "keys"])
        #expect(endpoint.kinds.map(\.site) == ["bad", "bad", "bad"])
        for _ in 1...50 { _ = await endpoint.answer(to: Self.toBad) }
        #expect(endpoint.logLines.count < 50)
        let line = try #require(endpoint.logLines.first)
        #expect(line.contains("requests are answered 503: \(folder.path)/config.yaml:11: site 'bad': the key file"))
        let preflight = Self.toBad.with("REQUEST_METHOD", "OPTIONS")
        #expect(await endpoint.answer(to: preflight).status == 204)
        #expect(await endpoint.answer(to: Self.toBad.with(body: "{")).status == 400)
    }

    @Test("lines of nginx's log need no key, and are recorded")
    func exposureLog() throws {
        let door = TestDoor(directory: SiteDirectory(try load().sites))
        #expect(door.judge(TestLine().with("site", "bad")).records.map(\.site) == ["bad"])
    }

    @Test("at a reload a site whose keys can no longer be used goes on as it was, with keys and settings")
    func kept() async throws {
        try write(TestTokens.secret, to: "bad.secret")
        let directory = SiteDirectory(try load().sites)
        let endpoint = TestEndpoint(directory: directory)
        #expect(await endpoint.answer(to: Self.toBad).status == 201)
        try write("", to: "bad.secret")
        let kept = directory.replace(with: try load(bad: "analytics: false").sites)
        #expect(kept == ["bad"])
        #expect(await endpoint.answer(to: Self.toBad).status == 201)
        // Again, and then with keys that can be used.
        #expect(directory.replace(with: try load().sites) == ["bad"])
        try write(TestTokens.otherSecret, to: "bad.secret")
        #expect(directory.replace(with: try load().sites).isEmpty)
        #expect(await endpoint.answer(to: Self.toBad).status == 401)
    }

    @Test("a site that had no usable keys has nothing to go on with, and one that is gone stays gone")
    func notKept() async throws {
        let directory = SiteDirectory(try load().sites)
        #expect(directory.replace(with: try load().sites).isEmpty)
        #expect(await TestEndpoint(directory: directory).answer(to: Self.toBad).status == 503)
        #expect(directory.replace(with: [:]).isEmpty)
        #expect(directory.names.isEmpty)
    }
}
