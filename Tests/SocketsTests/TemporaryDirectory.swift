import Foundation

/// A directory of a test's own, removed with the last reference to it. Its path is short enough for sockets.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("sockets-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var socket: String {
        path + "/x.sock"
    }

    func contents() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
    }
}
