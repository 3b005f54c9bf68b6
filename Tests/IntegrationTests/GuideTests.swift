import Foundation
import Testing

extension IntegrationTests {
    /// The guides change users, units and /etc, so these need root; the machine that they change is one of namespaces.
    @Suite("The guides, followed to the letter", .enabled(if: getuid() == 0, "namespaces with a systemd need root"))
    struct GuideTests {
        /// The executables under test in place of those of a release build, which would take as long as all other tests.
        private static let built = ["bin": Executables.responder.deletingLastPathComponent().path]

        @Test("who follows docs/install.md on a machine with a running nginx gets a 201 and a report")
        func install() async throws {
            let machine = try await GuideMachine()
            try await follow(try Guide("install.md"), on: machine)
            let journal = try await machine.run("journalctl -u 'rule-outcomes-*' -o short -p warning --no-pager")
            #expect(journal.text.contains("-- No entries --"), "\(journal.text)")
            let all = try await machine.run("journalctl -u 'rule-outcomes-*' --no-pager")
            #expect(!all.text.contains("thread priority"), "\(all.text)")
            let reload = try await machine.run(
                "systemctl reload rule-outcomes-responder rule-outcomes-aggregator; sleep 1; "
                    + "journalctl -u 'rule-outcomes-*' -o cat --no-pager | grep -c ^reloaded")
            #expect(reload.text == "2\n", "\(reload.text)")
        }

        /// Runs every block but the one that builds, and holds what the last ones print against what they promise.
        private func follow(_ guide: Guide, on machine: GuideMachine) async throws {
            var printed = ""
            for block in guide.blocks where block.commands != "make build" {
                let result = try await machine.run(block.commands, environment: Self.built)
                #expect(result.status == 0, "\(block.heading):\n\(block.commands)\n\(result.text)")
                printed += result.text
            }
            #expect(!printed.contains("[warn]"), "\(printed)")
            #expect(printed.contains("HTTP/1.1 201 Created"), "\(printed)")
            #expect(printed.contains(/graph\/1#1 +CLICKED +1 +1/), "\(printed)")
            #expect(try await machine.run("curl -s http://127.0.0.1/").text == "the front page\n")
        }
    }
}
