import Foundation

/// The inputs that every search begins with, made by hand, a folder for each target; and those that once ended a process or
/// showed that something does not hold.
enum Corpus {
    struct File: Sendable, CustomStringConvertible {
        let target: String
        let name: String
        let bytes: [UInt8]

        var description: String { "\(target)/\(name)" }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Corpus")

    static func files(of target: String) throws -> [File] {
        let folder = folder.appendingPathComponent(target)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            File(target: target, name: name, bytes: try bytes(folder.appendingPathComponent(name)))
        }
    }

    static func file(_ name: String, of target: String) throws -> [UInt8] {
        try bytes(folder.appendingPathComponent(target).appendingPathComponent(name))
    }

    private static func bytes(_ file: URL) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: file))
    }
}
