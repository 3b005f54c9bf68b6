import FastCGI
import Testing

@testable import Responder

@Suite("Whose request it is")
struct VisitorsAddressTests {
    private static func address(_ text: String) -> [UInt8] {
        let parameters = Parameters([("REMOTE_ADDR", text)])
        defer { withExtendedLifetime(parameters) {} }
        return RequestParameters(parameters).visitorsAddress
    }

    @Test("an IPv4 address is one visitor's, also where nginx has it from a socket that takes both kinds")
    func ipv4() {
        #expect(Self.address("192.0.2.1") != Self.address("192.0.2.2"))
        for written in ["::ffff:192.0.2.1", "::FFFF:192.0.2.1", "::ffff:c000:201", "0:0:0:0:0:ffff:192.0.2.1"] {
            #expect(Self.address(written) == Self.address("192.0.2.1"), "\(written)")
        }
        #expect(Self.address("::ffff:192.0.2.1") != Self.address("::ffff:192.0.2.2"))
    }

    @Test("an IPv6 address is its network's of 64 bits")
    func ipv6() {
        #expect(Self.address("2001:db8:1:1::1") == Self.address("2001:db8:1:1:ffff:ffff:ffff:ffff"))
        #expect(Self.address("2001:db8:1:1::1") != Self.address("2001:db8:1:2::1"))
        #expect(Self.address("::1") == Self.address("::2"))
        #expect(Self.address("::1") != Self.address("::ffff:0.0.0.1"))
    }

    @Test("what is no address is whatever it is")
    func others() {
        #expect(Self.address("unix:") == Array("unix:".utf8))
        #expect(Self.address("") == [])
    }
}
