import ConfigurationFile
import Testing

@Suite("The aggregator's section")
struct AggregatorTests {
    @Test("What is left out has its default")
    func defaults() throws {
        let aggregator = try Sample.configuration(Sample.text()).aggregator
        let expected = AggregatorConfiguration(
            socket: "/run/aggregator.sock", access: SocketAccess(mode: 0o660, group: nil, allowedPeers: []),
            analyticsSocket: "/run/analytics.sock",
            analyticsAccess: SocketAccess(mode: 0o660, group: nil, allowedPeers: []),
            dataDirectory: "/var/lib/rule-outcomes", rulesPerSiteMax: 10_000, outcomesPerRuleMax: 500,
            conversionsPerOutcomeMax: 50)
        #expect(aggregator == expected)
    }

    @Test("Every key is read")
    func everyKey() throws {
        let lines = [
            "mode: 0666", "owner: counter", "group: rule-outcomes", "allowedPeers: [responder]", "analyticsMode: 0600",
            "analyticsOwner: reader", "analyticsGroup: staff", "rulesPerSiteMax: 1", "outcomesPerRuleMax: 1000000",
            "conversionsPerOutcomeMax: 7",
        ]
        let aggregator = try Sample.configuration(Sample.text(aggregator: lines)).aggregator
        let access = SocketAccess(mode: 0o666, owner: "counter", group: "rule-outcomes", allowedPeers: ["responder"])
        #expect(aggregator.access == access)
        #expect(aggregator.analyticsAccess == SocketAccess(mode: 0o600, owner: "reader", group: "staff"))
        #expect(aggregator.rulesPerSiteMax == 1)
        #expect(aggregator.outcomesPerRuleMax == 1_000_000)
        #expect(aggregator.conversionsPerOutcomeMax == 7)
    }

    @Test("Relative paths start from the configuration's directory")
    func relativePaths() throws {
        let text = Sample.text().replacing("/run/", with: "run/").replacing("/var/lib/", with: "./data//")
        let configuration = try Sample.configuration(text)
        #expect(configuration.responder.listen == .unix(path: "/etc/rule-outcomes/run/responder.sock"))
        #expect(configuration.aggregator.socket == "/etc/rule-outcomes/run/aggregator.sock")
        #expect(configuration.aggregator.analyticsSocket == "/etc/rule-outcomes/run/analytics.sock")
        #expect(configuration.aggregator.dataDirectory == "/etc/rule-outcomes/data/rule-outcomes")
    }

    private static let limit = "must be a whole number from 1 to 1000000"

    @Test(
        "A bad value is refused with its line and with what would be right",
        arguments: [
            ("rulesPerSiteMax: 0", "8: `rulesPerSiteMax` \(limit), not `0`"),
            ("outcomesPerRuleMax: 1000001", "8: `outcomesPerRuleMax` \(limit), not `1000001`"),
            ("conversionsPerOutcomeMax: -1", "8: `conversionsPerOutcomeMax` \(limit), not `-1`"),
            (
                "analyticsMode: all",
                "8: `analyticsMode` must be octal permission bits from \"0000\" to \"0777\", such as \"0660\", not `all`"
            ),
            ("analyticsOwner: 0", "8: `analyticsOwner` must be the name of a user, such as rule-outcomes, not `0`"),
            ("analyticsGroup: 0", "8: `analyticsGroup` must be the name of a group, such as www-data, not `0`"),
        ])
    func badValue(line: String, mistake: String) {
        #expect(Sample.mistakes(Sample.text(aggregator: [line])) == [mistake])
    }

    @Test("What must be there is asked for")
    func missing() {
        let lines =
            "  socket: /run/aggregator.sock\n  analyticsSocket: /run/analytics.sock\n"
            + "  dataDirectory: /var/lib/rule-outcomes\n"
        let lacks = "4: `aggregator` lacks the key"
        #expect(
            Sample.mistakes(Sample.text().replacing(lines, with: "  mode: 0660\n")) == [
                "\(lacks) `analyticsSocket`: add it, the path of the Unix socket for reading",
                "\(lacks) `dataDirectory`: add it, the path of the directory for what is counted",
                "\(lacks) `socket`: add it, the path of the Unix socket that responders forward to",
            ])
    }

    @Test("Each socket needs a path of its own, however it is spelt")
    func distinctSockets() {
        let same = Sample.text().replacing("/run/analytics.sock", with: "/run//./responder.sock")
            .replacing("/run/aggregator.sock", with: "/run/responder.sock")
        #expect(
            Sample.mistakes(same) == [
                "5: `socket` has the path of `listen` on line 2: give each socket its own",
                "6: `analyticsSocket` has the path of `socket` on line 5: give each socket its own",
            ])
    }

    @Test("A path is one of a file or a directory, and no longer than the system takes")
    func badPaths() {
        let directory = Sample.text().replacing("/run/analytics.sock", with: "/run/")
        #expect(
            Sample.mistakes(directory) == [
                "6: `analyticsSocket` must be the path of a Unix socket, such as "
                    + "`/run/rule-outcomes/analyticsSocket.sock`, not a directory"
            ])
        let long = Sample.text().replacing("/var/lib", with: "/" + String(repeating: "x", count: 4100))
        #expect(Sample.mistakes(long) == ["7: `dataDirectory` must be the path of a directory, of at most 4095 bytes"])
    }
}
