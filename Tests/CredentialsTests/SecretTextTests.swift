import ConfigurationFile
import Credentials
import Foundation
import Testing

/// What is said of secrets that editors and shells of other systems have written.
@Suite struct SecretTextTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    private static let text = "0123456789abcdef0123456789abcdef"

    private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { unit -> [UInt8] in
            let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return isBigEndian ? bytes.reversed() : bytes
        }
    }

    private static let cases: [([UInt8], [String])] = [
        (Array("\(text)\r\n".utf8), ["ends in CR LF"]),
        (Array("\(text) \n".utf8), ["has white space at its end"]),
        (Array("\(text)\t".utf8), ["has white space at its end"]),
        (Array("\(text)\n\n".utf8), ["has white space at its end"]),
        (Array("\u{FEFF}\(text)\n".utf8), ["begins with a byte order mark"]),
        (Array("\u{FEFF}\(text)\r\n".utf8), ["begins with a byte order mark", "ends in CR LF"]),
        (utf16("\u{FEFF}\(text)\r\n", isBigEndian: false), ["holds UTF-16"]),
        (utf16("\(text)\n", isBigEndian: false), ["holds UTF-16"]),
        (utf16("\u{FEFF}\(text)", isBigEndian: true), ["holds UTF-16"]),
        (utf16("\(text)\n", isBigEndian: true), ["holds UTF-16"]),
    ]

    @Test("What a copy easily lacks is warned of", arguments: cases)
    func warned(contents: [UInt8], expected: [String]) throws {
        let file = try site.file("secret", contents)
        let shared = try site.credentials(JWTConfiguration(secret: file, algorithms: [.hs256])).warnings
        let subject = try SubjectSecret(file: file)
        for warnings in [shared, subject.warnings] {
            #expect(warnings.count == expected.count)
            for (warning, words) in zip(warnings, expected) {
                #expect(warning.message.hasPrefix("the key file \(file.path) \(words)"))
                #expect(warning.line == 12)
                #expect(!warning.message.contains(Self.text))
            }
        }
        // A warning changes nothing of what the secret is.
        #expect(subject.bytes == contents)
    }

    @Test("A secret as it should be is not warned of, nor are random bytes, whatever they end in")
    func fine() throws {
        let random: [UInt8] = (0..<48).map { _ in UInt8.random(in: 0x80 ... .max) }
        let fine: [[UInt8]] = [
            Array(Self.text.utf8), Array("\(Self.text)\n".utf8),
            Array("two words and more than 32 bytes \u{E9}t\u{E9}\n".utf8),
            random + Array("\r\n".utf8), random + [0x20], random + [0x0A, 0x0A], [0x20, 0x09] + random,
        ]
        for contents in fine {
            let file = try site.file("secret", contents)
            let shared = try site.credentials(JWTConfiguration(secret: file, algorithms: [.hs256]))
            #expect(shared.warnings.isEmpty)
            #expect(try SubjectSecret(file: file).warnings.isEmpty)
        }
    }

    @Test("A key in PEM is refused as a secret behind a byte order mark too")
    func pem() throws {
        let file = try site.file("secret", "\u{FEFF}" + site.keys.pem(.rs256))
        let error = site.error(JWTConfiguration(secret: file, algorithms: [.hs256]))
        #expect(error?.message.contains("holds a PEM key") == true)
    }
}
