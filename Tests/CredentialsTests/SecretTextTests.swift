import ConfigurationFile
import Credentials
import Foundation
import Records
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

@Suite("Subjects")
struct SubjectKeyTests {
    private static let secret = Array(UInt8(0)..<32)

    private static func subject(secret: [UInt8], site: String, trackingID: String) throws -> UInt128 {
        let trackingID = try TrackingID(Array(trackingID.utf8)[...])
        return SubjectKey(secret: secret).subject(site: site, trackingID: trackingID).value
    }

    /// Computed with Python's `hmac`: the first 16 bytes of HMAC-SHA-256 over site, a zero byte and tracking id.
    @Test(
        "a subject is the start of HMAC-SHA-256 over site and tracking id",
        arguments: [
            ("default", "3c0a1f2e-8d5b-4c6f-9a7e-112233445566", 0xc0c0_ec37_97fc_bee0_06c1_6f6e_a29a_e0ae),
            ("other", "3c0a1f2e-8d5b-4c6f-9a7e-112233445566", 0x833f_61e2_57a7_9834_8968_5c56_54c6_1fde),
            ("default", "TT0123456789ABCD", 0x5518_828c_2429_9948_c4f3_e55f_db56_9f8f),
            ("site-a", String(repeating: "a", count: 256), 0xae6c_c6dc_76df_4576_cbcd_2122_69cc_015c),
        ] as [(String, String, UInt128)])
    func vectors(site: String, trackingID: String, subject: UInt128) throws {
        #expect(try Self.subject(secret: Self.secret, site: site, trackingID: trackingID) == subject)
    }

    @Test("a secret longer than the hash's block is taken whole")
    func longSecret() throws {
        let secret = [UInt8](repeating: 0xAA, count: 131)
        let subject = try Self.subject(secret: secret, site: "default", trackingID: "TT0123456789ABCD")
        #expect(subject == 0x592d_1d24_d048_a40c_23a5_762a_372e_bd3c)
    }

    @Test("where the site ends and the tracking id begins makes a difference")
    func border() throws {
        let secret = Self.secret
        let left = try Self.subject(secret: secret, site: "ab", trackingID: "c")
        let right = try Self.subject(secret: secret, site: "a", trackingID: "bc")
        #expect(left != right)
    }

    @Test("another secret makes another subject")
    func otherSecret() throws {
        let left = try Self.subject(secret: Self.secret, site: "a", trackingID: "b")
        let right = try Self.subject(secret: Self.secret.reversed(), site: "a", trackingID: "b")
        #expect(left != right)
    }

    /// Computed with Python's `hmac`, likewise.
    @Test("an epoch depends on the secret alone")
    func epoch() {
        #expect(SubjectKey(secret: Self.secret).epoch.value == 0x0a4d_8f8d_efa6_0c62_e845_89bb_6718_4f35)
        #expect(SubjectKey(secret: Self.secret.reversed()).epoch != SubjectKey(secret: Self.secret).epoch)
    }
}
