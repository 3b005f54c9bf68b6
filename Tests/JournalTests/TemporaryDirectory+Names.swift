import Foundation
import TestSupport

extension TemporaryDirectory {
    var journal: String {
        path + "/journal.sqlite"
    }

    /// A copy of the journal and its log as they are on disk now: what a crash at this moment would leave.
    func crashImage() throws -> TemporaryDirectory {
        let image = try TemporaryDirectory()
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: journal + suffix) {
            try FileManager.default.copyItem(atPath: journal + suffix, toPath: image.journal + suffix)
        }
        return image
    }
}

/// Changes a file's bytes in place.
func editFile(_ path: String, _ edit: (inout Data) throws -> Void) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    try edit(&data)
    try data.write(to: URL(fileURLWithPath: path))
}
