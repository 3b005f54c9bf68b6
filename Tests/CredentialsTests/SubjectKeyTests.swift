import Credentials
import Records
import Testing

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
