import Foundation
import TestSupport
import Testing

@testable import Doctor

@Suite("What is read of files")
struct FileFactsTests {
    /// Their entries fill what readdir(3) reads at once to its last bytes; AddressSanitizer sees who reads past them.
    @Test("the names in a directory of many are all there, in order")
    func names() throws {
        let directory = try TemporaryDirectory()
        let names = (1000..<2400).map { "\($0)" }
        for name in names { try Data().write(to: URL(fileURLWithPath: "\(directory.path)/\(name)")) }
        #expect(FileFacts.names(in: directory.path) == names)
        #expect(FileFacts.names(in: "\(directory.path)/none") == [])
    }
}
