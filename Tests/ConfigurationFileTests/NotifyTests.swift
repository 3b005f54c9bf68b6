import Testing

@testable import ConfigurationFile

@Suite("Who is told of what tests come to")
struct NotifyTests {
    /// The section's lines begin with line 13.
    private static func text(_ lines: [String]) -> String {
        Sample.text() + "notify:\n" + lines.map { "  \($0)\n" }.joined()
    }

    @Test("Nobody, where the section is not there")
    func none() throws {
        #expect(try Sample.configuration(Sample.text()).notify == nil)
    }

    @Test("A program with its arguments, which no shell reads, and what holds where nothing else is said")
    func command() throws {
        let notify = try Sample.configuration(Self.text(["command: [/bin/tell, \"a b\", $HOME]"])).notify
        #expect(notify == NotifyConfiguration(command: ["/bin/tell", "a b", "$HOME"]))
        #expect(notify?.quietHours == 24 && notify?.stateDirectory == "/var/lib/rule-outcomes-notify")
    }

    @Test("A webhook whose address and secret stand in files")
    func webhook() throws {
        let notify = try Sample.configuration(
            Self.text([
                "webhook: hook.url", "webhookSecret: /srv/hook.secret", "console: https://x.example/c", "quietHours: 1",
                "stateDirectory: told",
            ])
        ).notify
        #expect(notify?.webhook?.url.path == "/etc/rule-outcomes/hook.url" && notify?.webhook?.url.line == 13)
        #expect(notify?.webhook?.secret.path == "/srv/hook.secret")
        #expect(notify?.console?.text == "https://x.example/c" && notify?.quietHours == 1)
        #expect(notify?.command == nil && notify?.stateDirectory == "/etc/rule-outcomes/told")
    }

    @Test(
        "A mistake is named with what would be right",
        arguments: [
            (["quietHours: 5"], "12: `notify` tells nobody: add `command` or `webhook`, or take it out"),
            (
                ["command: /bin/tell"],
                "13: `command` must be a list of a program's absolute path and its arguments, such as "
                    + "[/usr/local/bin/tell-the-team], not a single value"
            ),
            (
                ["command: []"],
                "13: `command` must be a list of a program's absolute path and its arguments, such as "
                    + "[/usr/local/bin/tell-the-team], not of 0"
            ),
            (
                ["command: [tell]"],
                "13: `command` must be a list of a program's absolute path and its arguments, such as "
                    + "[/usr/local/bin/tell-the-team], not `tell`"
            ),
            (["command: [/bin/tell, {}]"], "13: each of `command` must be a word of a command, not a section"),
            (
                ["webhook: hook.url"],
                "13: `webhook` lacks `webhookSecret`: add it, the path of a file with the secret that "
                    + "notices are signed with"
            ),
            (
                ["command: [/bin/tell]", "webhookSecret: s"],
                "14: `webhookSecret` goes only with `webhook`: take it out, or add that"
            ),
            (
                ["webhook: https://x.example/s3cret", "webhookSecret: s"],
                "13: `webhook` must be the path of a file that holds "
                    + "the URL, which may be a secret, not the URL"
            ),
            (
                ["command: [/bin/tell]", "console: http://x.example/"],
                "14: `console` must be the console's address as people "
                    + "open it, such as `https://intern.example.com/rule-outcomes/console/`, with `https://` and without a query"
            ),
            (
                ["command: [/bin/tell]", "quietHours: 0"],
                "14: `quietHours` must be a whole number from 1 to 720, not `0`"
            ),
            (
                ["command: [/bin/tell]", "webhok: x"],
                "14: there is no key `webhok` in `notify`: did you mean `webhook`?"
            ),
        ] as [([String], String)])
    func mistakes(lines: [String], mistake: String) {
        #expect(Sample.mistakes(Self.text(lines)) == [mistake])
    }
}
