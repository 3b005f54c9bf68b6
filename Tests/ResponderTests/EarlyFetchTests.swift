import Foundation
import Testing
import TestSupport

@testable import Responder

@Suite("Asking for keys before their time")
struct EarlyFetchTests {
    @Test("is writing a file, once in five minutes at most")
    func interval() throws {
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/keys-wanted"
        let earlyFetch = EarlyFetch(in: directory.path)
        let answers = try ([0, 1, 299_999, 300_000, 300_001] as [Int64]).map { milliseconds in
            let isAsked = earlyFetch.ask(nowMilliseconds: milliseconds) == .asked
            #expect(FileManager.default.fileExists(atPath: file) == isAsked)
            if isAsked { try FileManager.default.removeItem(atPath: file) }
            return isAsked
        }
        #expect(answers == [true, false, false, true, false])
    }

    @Test("follows no link, and without its directory asks nobody")
    func refusals() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            atPath: "\(directory.path)/keys-wanted", withDestinationPath: "\(directory.path)/other")
        #expect(
            EarlyFetch(in: directory.path).ask(nowMilliseconds: 0)
                == .failed(path: "\(directory.path)/keys-wanted", reason: "Too many levels of symbolic links"))
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/other"))
        #expect(EarlyFetch(in: "\(directory.path)/none").ask(nowMilliseconds: 0) != .asked)
    }
}
