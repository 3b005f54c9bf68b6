import Foundation
import Glibc
import Sockets

/// A real Unix socket where an aggregator would listen. It does what the test says, and nothing by itself.
final class FakeAggregator: Sendable {
    private let listener: ListeningSocket

    /// Listens at `path`.
    init(path: String) throws {
        listener = try .unix(path: path, access: UnixSocketAccess(mode: 0o600, group: nil))
    }

    /// A path that is free.
    static func freePath() -> String {
        FileManager.default.temporaryDirectory.path + "/aggregator-\(UUID().uuidString)"
    }

    /// The next connection; throws when none comes.
    func accept() async throws -> FakeConnection {
        let listening = listener.descriptor
        return FakeConnection(
            descriptor: try await Patience.untilReadable(listening) { Glibc.accept(listening, nil, nil) })
    }

    /// The next connection, past hello and welcome.
    func welcome(inFlightMax: UInt32 = 65_536) async throws -> FakeConnection {
        let connection = try await accept()
        _ = try await connection.receive()
        try connection.send(.welcome(version: 4, inFlightMax: inFlightMax))
        return connection
    }
}
