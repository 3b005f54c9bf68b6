import Foundation
import TestSupport

extension TemporaryDirectory {
    var socket: String { path + "/x.sock" }

    func contents() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
    }
}
