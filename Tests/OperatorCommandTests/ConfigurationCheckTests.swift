import ConfigurationFile
import Foundation
import Testing

@testable import OperatorCommand

/// A configuration in a folder of its own, which is removed at the end.
@Suite final class ConfigurationCheckTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("check-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ name: String, bytes: Int) throws {
        try Data(repeating: UInt8(ascii: "x"), count: bytes).write(to: folder.appendingPathComponent(name))
    }

    private func check() async throws -> ConfigurationCheck {
        let text = """
            responder:
              listen: unix:responder.sock
              subjectSecret: subject.secret
            aggregator:
              socket: aggregator.sock
              analyticsSocket: analytics.sock
              dataDirectory: data
            sites:
              default:
                origins: any
                jwt: {secret: jwt.secret, algorithms: [HS256]}
              other:
                origins: any
                jwt:
                  publicKey: other.pem
                  jwks: other.jwks
                  algorithms: [RS256]
            """
        return await ConfigurationCheck(
            try Configuration.parse(text: text, file: folder.appendingPathComponent("config.yaml").path))
    }

    @Test("Every file that is missing is named, with the line that names it")
    func missing() async throws {
        let errors = try await check().errors
        let lines = ConfigurationErrors(errors).errors.compactMap(\.line)
        #expect(lines == [3, 11, 15, 16])
    }

    @Test("A subject secret that is too short is a mistake, a short shared secret a warning")
    func short() async throws {
        try write("subject.secret", bytes: 31)
        try write("jwt.secret", bytes: 31)
        let check = try await check()
        #expect(check.errors.contains { $0.line == 3 && $0.message.contains("at least 32") })
        #expect(check.warnings.map(\.line) == [11])
        #expect(try #require(check.warnings.first).message.contains("31 bytes"))
    }

    @Test("Every file that is there and is no key is a mistake")
    func wrong() async throws {
        try write("subject.secret", bytes: 32)
        try write("jwt.secret", bytes: 32)
        try write("other.pem", bytes: 32)
        try write("other.jwks", bytes: 32)
        let check = try await check()
        #expect(check.errors.map(\.line) == [15, 16])
        #expect(check.warnings.isEmpty)
    }
}
