import Credentials
import Foundation
import Records
import Testing

@Suite("How a subject secret differs from the one that visitors are counted under")
struct SecretDifferenceTests {
    private static let text = "0123456789abcdef0123456789abcdef"

    private func difference(of now: String, from before: String) throws -> String? {
        let site = try TestSite()
        let secret = try SubjectSecret(file: site.file("secret", Array(now.utf8)))
        return secret.difference(from: SubjectKey(secret: Array(before.utf8)).epoch)
    }

    @Test(
        "is told where it is what editors and copies change",
        arguments: [
            ("", "\n", "It ended with a newline, and now ends with no newline"),
            ("\n", "", "It ended with no newline, and now ends with a newline"),
            ("\r\n", "\n", "It ended with a newline, and now ends with CR and newline"),
            ("\n\n\n", "\n", "It ended with a newline, and now ends with other white space"),
        ])
    func ends(now: String, before: String, told: String) throws {
        #expect(try difference(of: Self.text + now, from: Self.text + before) == told)
    }

    @Test("is told of a byte order mark")
    func mark() throws {
        let (plain, marked) = ("\(Self.text)\n", "\u{FEFF}\(Self.text)\n")
        #expect(
            try difference(of: marked, from: plain) == "It has a byte order mark at its beginning, which was not there")
        #expect(try difference(of: plain, from: marked) == "It lacks the byte order mark that it began with")
    }

    @Test("is not told of another secret, or one of white space alone")
    func other() throws {
        #expect(try difference(of: Self.text, from: "another") == nil)
        #expect(try difference(of: String(repeating: "\n", count: 40), from: "another") == nil)
    }
}
