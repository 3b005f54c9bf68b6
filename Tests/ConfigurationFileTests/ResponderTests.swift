import ConfigurationFile
import Testing

@Suite("The responder's section")
struct ResponderTests {
    @Test("What is left out has its default")
    func defaults() throws {
        let responder = try Sample.configuration(Sample.text()).responder
        #expect(responder.listen == .unix(path: "/run/responder.sock"))
        #expect(responder.access == SocketAccess(mode: 0o660, group: nil, allowedPeers: []))
        #expect(responder.exposureSocket == nil)
        let secret = KeyFile(path: "/etc/rule-outcomes/subject.secret", configurationFile: Sample.file, line: 3)
        #expect(responder.subjectSecret == secret)
        #expect(responder.deadlineMilliseconds == 2000)
        #expect(responder.inFlightMax == 4096)
        #expect(responder.connectionsMax == 4096)
    }

    @Test("Every key is read")
    func everyKey() throws {
        let lines = [
            "exposureSocket: run/e.sock", "exposureMode: 0620", "exposureOwner: root", "exposureGroup: nginx",
            "mode: \"0600\"", "owner: nginx", "group: www-data", "allowedPeers: [www-data, nginx]",
            "deadlineMilliseconds: 10", "inFlightMax: 65536", "connectionsMax: 1",
        ]
        let responder = try Sample.configuration(Sample.text(responder: lines)).responder
        let access = SocketAccess(mode: 0o600, owner: "nginx", group: "www-data", allowedPeers: ["www-data", "nginx"])
        #expect(responder.access == access)
        #expect(responder.exposureSocket == "/etc/rule-outcomes/run/e.sock")
        #expect(responder.exposureAccess == SocketAccess(mode: 0o620, owner: "root", group: "nginx"))
        #expect(responder.deadlineMilliseconds == 10)
        #expect(responder.inFlightMax == 65536)
        #expect(responder.connectionsMax == 1)
    }

    @Test(
        "It listens where it is told",
        arguments: [
            ("unix:/run/r.sock", ResponderConfiguration.Listen.unix(path: "/run/r.sock")),
            ("unix:./run//r.sock", .unix(path: "/etc/rule-outcomes/run/r.sock")),
            ("unix:../r.sock", .unix(path: "/etc/rule-outcomes/../r.sock")),
            ("tcp:127.0.0.1:9000", .tcp(address: "127.0.0.1", port: 9000)),
            ("tcp:[::1]:65535", .tcp(address: "::1", port: 65535)),
            ("inherited", .inherited),
        ])
    func listen(text: String, listen: ResponderConfiguration.Listen) throws {
        #expect(try Sample.configuration(Sample.text(listen: text)).responder.listen == listen)
    }

    @Test(
        "A mode is octal however it is written",
        arguments: [
            ("\"0660\"", 0o660), ("0660", 0o660), ("660", 0o660), ("0o660", 0o660), ("'0000'", 0), ("0777", 0o777),
        ])
    func mode(text: String, mode: UInt16) throws {
        let configuration = try Sample.configuration(Sample.text(responder: ["mode: \(text)"]))
        #expect(configuration.responder.access.mode == mode)
    }

    private static let notMode = "`mode` must be octal permission bits from \"0000\" to \"0777\", such as \"0660\""
    private static let notGroup = "`group` must be the name of a group, such as www-data"
    private static let notOwner = "`owner` must be the name of a user, such as rule-outcomes"
    private static let notPeer = "each of `allowedPeers` must be the name of a user, such as www-data"
    private static let notDeadline = "`deadlineMilliseconds` must be a whole number from 10 to 60000"

    @Test(
        "A bad value is refused with its line and with what would be right",
        arguments: [
            ("mode: 0888", "4: \(notMode), not `0888`"),
            ("mode: 1777", "4: \(notMode), not `1777`"),
            ("mode: 7", "4: \(notMode), not `7`"),
            ("mode: rw-rw----", "4: \(notMode), not `rw-rw----`"),
            ("mode:", "4: \(notMode), not nothing"),
            ("mode: [0, 6, 6, 0]", "4: \(notMode), not a list"),
            ("owner: 33", "4: \(notOwner), not `33`"),
            ("owner: \"www\\ndata\"", "4: \(notOwner), in one line and without control characters"),
            ("group: 33", "4: \(notGroup), not `33`"),
            ("group: -x", "4: \(notGroup), not `-x`"),
            ("group: www data", "4: \(notGroup), not `www data`"),
            ("group: \"\"", "4: \(notGroup), not empty"),
            ("group: ~", "4: \(notGroup), not nothing"),
            ("group: \"www\\ndata\"", "4: \(notGroup), in one line and without control characters"),
            ("group: { name: www-data }", "4: \(notGroup), not a section"),
            ("group: abcdefghijklmnopqrstuvwxyz1234567", "4: \(notGroup), not `abcdefghijklmnopqrstuvwxyz1234567`"),
            (
                "allowedPeers: www-data",
                "4: `allowedPeers` must be a list of user names, such as [www-data], not a single value"
            ),
            ("allowedPeers: [www-data, 33]", "4: \(notPeer), not `33`"),
            ("allowedPeers:\n    - nginx\n    - [nested]", "6: \(notPeer), not a list"),
            (
                "allowedPeers:\n    - nginx\n    - nginx",
                "6: this value of `allowedPeers` is listed already, on line 5: take one out"
            ),
            ("deadlineMilliseconds: 9", "4: \(notDeadline), not `9`"),
            ("deadlineMilliseconds: 60001", "4: \(notDeadline), not `60001`"),
            ("deadlineMilliseconds: 02000", "4: \(notDeadline), without a zero at its front, not `02000`"),
            ("deadlineMilliseconds: 2s", "4: \(notDeadline), not `2s`"),
            ("deadlineMilliseconds: 0x7d0", "4: \(notDeadline), not `0x7d0`"),
            (
                "deadlineMilliseconds: 99999999999999999999",
                "4: \(notDeadline), not `99999999999999999999`"
            ),
            ("deadlineMilliseconds: \"2000\"", "4: \(notDeadline), without quotes"),
            (
                "inFlightMax: 0",
                "4: `inFlightMax` must be a whole number from 1 to 65536, not `0`"
            ),
            (
                "connectionsMax: 65537",
                "4: `connectionsMax` must be a whole number from 1 to 65536, not `65537`"
            ),
        ])
    func badValue(line: String, mistake: String) {
        #expect(Sample.mistakes(Sample.text(responder: [line])) == [mistake])
    }

    private static let notListen =
        "`listen` must be `unix:PATH`, `tcp:ADDRESS:PORT` or `inherited`, such as "
        + "`unix:/run/rule-outcomes/responder.sock`"
    private static let notPort =
        "`listen` must be `tcp:ADDRESS:PORT`, such as `tcp:127.0.0.1:9000`, with a port from 1 to 65535"
    private static let notAddress =
        "`listen` must be `tcp:ADDRESS:PORT`, with an address in numbers, `127.0.0.1` or `[::1]`"

    @Test(
        "A bad place to listen is refused with what would be right",
        arguments: [
            ("/run/responder.sock", "2: \(notListen), not `/run/responder.sock`"),
            ("\"unix:\"", "2: \(notListen), not a directory"),
            ("unix:/run/", "2: \(notListen), not a directory"),
            ("tcp:9000", "2: \(notPort)"),
            ("tcp:127.0.0.1", "2: \(notPort)"),
            ("tcp:127.0.0.1:0", "2: \(notPort)"),
            ("tcp:127.0.0.1:65536", "2: \(notPort)"),
            ("tcp:127.0.0.1:+80", "2: \(notPort)"),
            ("tcp:localhost:9000", "2: \(notAddress), not `localhost`"),
            ("tcp:::1:9000", "2: \(notAddress), not `::1`"),
            ("tcp:[127.0.0.1]:9000", "2: \(notAddress), not `[127.0.0.1]`"),
        ])
    func badListen(listen: String, mistake: String) {
        #expect(Sample.mistakes(Sample.text(listen: listen)) == [mistake])
    }

    @Test("A Unix socket's path holds 107 bytes and no more")
    func socketPath() {
        let longest = "/" + String(repeating: "x", count: 106)
        #expect(Sample.mistakes(Sample.text(listen: "unix:\(longest)")) == [])
        #expect(
            Sample.mistakes(Sample.text(listen: "unix:\(longest)x"))
                == ["2: \(Self.notListen), of at most 107 bytes from the first `/` on, not 108"])
        let relative = String(repeating: "x", count: 100)
        #expect(
            Sample.mistakes(Sample.text(listen: "unix:\(relative)"))
                == ["2: \(Self.notListen), of at most 107 bytes from the first `/` on, not 119"])
    }

    @Test("Mode, owner, group and peers are refused where they could not be kept")
    func accessWithoutUnixSocket() {
        let lines = ["mode: 0660", "owner: nginx", "group: www-data", "allowedPeers: [www-data]"]
        let tcp = "goes only with `listen: unix:PATH`, TCP knows neither owners nor users: take it out"
        #expect(
            Sample.mistakes(Sample.text(listen: "tcp:127.0.0.1:9000", responder: lines))
                == ["4: `mode` \(tcp)", "5: `owner` \(tcp)", "6: `group` \(tcp)", "7: `allowedPeers` \(tcp)"])
        let inherited = "goes only with `listen: unix:PATH`, whoever opens the inherited socket sets it: take it out"
        #expect(
            Sample.mistakes(Sample.text(listen: "inherited", responder: lines))
                == ["4: `mode` \(inherited)", "5: `owner` \(inherited)", "6: `group` \(inherited)"])
    }

    @Test("A socket for exposures is one of its own, and without one nothing is said of it")
    func exposureSocket() {
        #expect(
            Sample.mistakes(Sample.text(responder: ["exposureSocket: /run/responder.sock"]))
                == ["4: `exposureSocket` has the path of `listen` on line 2: give each socket its own"])
        #expect(
            Sample.mistakes(Sample.text(responder: ["exposureSocket: /run/"])) == [
                "4: `exposureSocket` must be the path of a Unix socket, such as "
                    + "`/run/rule-outcomes/exposureSocket.sock`, not a directory"
            ])
        let access = ["exposureMode: 0660", "exposureOwner: nginx", "exposureGroup: www-data"]
        let alone = "goes only with `exposureSocket`: take it out, or add that"
        #expect(
            Sample.mistakes(Sample.text(responder: access))
                == ["4: `exposureMode` \(alone)", "5: `exposureOwner` \(alone)", "6: `exposureGroup` \(alone)"])
        #expect(Sample.mistakes(Sample.text(listen: "inherited", responder: ["exposureSocket: e"] + access)) == [])
    }

    @Test("A change of it takes a new start, and is told key by key")
    func changes() throws {
        let socket = ["exposureSocket: /run/e.sock"]
        let before = try Sample.configuration(Sample.text()).responder
        let without = try Sample.configuration(Sample.text(responder: socket)).responder
        #expect(without.keysChanged(from: before) == ["exposureSocket"])
        let access = ["exposureMode: 0600", "exposureOwner: root", "exposureGroup: nginx"]
        let changed = try Sample.configuration(Sample.text(responder: socket + access)).responder
        #expect(changed.keysChanged(from: without) == ["exposureMode", "exposureOwner", "exposureGroup"])
    }

    @Test("What must be there is asked for")
    func missing() {
        let lines = "  listen: unix:/run/responder.sock\n  subjectSecret: subject.secret\n"
        let text = Sample.text().replacing(lines, with: "  inFlightMax: 1\n")
        #expect(
            Sample.mistakes(text) == [
                "1: `responder` lacks the key `listen`: add it, `unix:PATH`, `tcp:ADDRESS:PORT` or `inherited`, "
                    + "such as `unix:/run/rule-outcomes/responder.sock`",
                "1: `responder` lacks the key `subjectSecret`: add it, the path of the file with the secret",
            ])
    }

    @Test("A secret that stands in the file itself is refused without showing it")
    func secretInPlace() {
        let expected = "`subjectSecret` must be the path of a file, not what is in it"
        let block = Sample.text().replacing("subject.secret", with: "|\n    hunter2\n    hunter3")
        #expect(Sample.mistakes(block) == ["3: \(expected), in one line and without control characters"])
        let folded = Sample.text().replacing("subject.secret", with: "-----BEGIN KEY-----\n    hunter2")
        #expect(Sample.mistakes(folded) == ["3: \(expected), so put the key into a file of its own"])
    }
}
