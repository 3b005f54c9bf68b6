import ConfigurationFile
import Credentials
import Glibc

/// The file that a fetched key set is in.
struct KeySetFile {
    private let file: KeyFile

    init(_ file: KeyFile) {
        self.file = file
    }

    /// What is in it now; nil where there is none, or none that can be read.
    var contents: [UInt8]? {
        try? file.contents()
    }

    /// Puts these in its place, on the disk when this returns. Whoever reads it meanwhile reads all of one or the other.
    func write(_ contents: [UInt8]) throws(KeySetFailure) {
        do throws(WholeFile.Failure) {
            // The responder, which reads it, is another user.
            try WholeFile.replace(file.path, with: contents, mode: 0o644)
        } catch {
            throw failure(error.code)
        }
    }

    private func failure(_ code: Int32) -> KeySetFailure {
        let directory = file.path[..<(file.path.lastIndex(of: "/") ?? file.path.startIndex)]
        let remedy =
            switch code {
            case ENOENT: ". Make the directory, for the user that runs this: install -d -m 0755 -o USER \(directory)"
            case EACCES, EPERM: ". Run this as the user that the directory belongs to, or as root"
            default: ""
            }
        return .file("\(file.path) cannot be written: \(String(cString: strerror(code)))\(remedy)")
    }
}

/// What is new about a key set, by the ids of its keys.
struct KeySetChange: Equatable, CustomStringConvertible {
    let description: String

    private static let idsMax = 16
    private static let idCharactersMax = 64

    /// - Parameter earlier: nil where there was none that could be used.
    init(from earlier: PublishedKeySet?, to set: PublishedKeySet) {
        let (before, now) = (earlier?.keyIDs ?? [], set.keyIDs)
        let parts = [
            ("new", now.filter { !before.contains($0) }), ("gone", before.filter { !now.contains($0) }),
            ("as before", now.filter(before.contains)),
        ].filter { !$0.1.isEmpty }.map { "\($0): \(Self.list($1))" }
        let unnamed = set.unnamedCount == 0 ? [] : ["without an id: \(set.unnamedCount)"]
        description = "keys fetched, " + (parts + unnamed).joined(separator: "; ")
    }

    /// Ids are the publisher's words, however long and of whatever characters.
    private static func list(_ ids: [String]) -> String {
        let shown = ids.prefix(idsMax).map { id in
            let start = String(id.prefix(idCharactersMax))
            return "'\(start.escapedForTerminal)\(start.count < id.count ? "…" : "")'"
        }
        let rest = ids.count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
