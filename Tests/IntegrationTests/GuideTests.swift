import Foundation
import Testing

extension IntegrationTests {
    /// The guides change users, units and /etc, so these need root; the machine that they change is one of namespaces.
    @Suite("The guides, followed to the letter", .enabled(if: getuid() == 0, "namespaces with a systemd need root"))
    struct GuideTests {
        @Test("who follows docs/install.md on a machine with a running nginx gets a 201 and a report")
        func install() async throws {
            let machine = try await GuideMachine()
            try await machine.installFromSource()
            let journal = try await machine.run("journalctl -u 'rule-outcomes-*' -o short -p warning --no-pager")
            #expect(journal.text.contains("-- No entries --"), "\(journal.text)")
            // Given again, it writes over nothing that matters.
            let kept = "sha256sum /etc/rule-outcomes/*"
            let before = try await machine.run(kept).text
            try await machine.installFromSource()
            #expect(try await machine.run(kept).text == before)
            let all = try await machine.run("journalctl -u 'rule-outcomes-*' --no-pager")
            #expect(!all.text.contains("thread priority"), "\(all.text)")
            let reload = try await machine.run(
                "systemctl reload rule-outcomes-responder rule-outcomes-aggregator; sleep 1; "
                    + "journalctl -u 'rule-outcomes-*' -o cat --no-pager | grep -c ^reloaded")
            #expect(reload.text == "2\n", "\(reload.text)")
        }

        @Test("who follows docs/operations.md upgrades, backs up, restores, rotates, and removes it without a trace")
        func operations() async throws {
            let machine = try await GuideMachine()
            let before = try await machine.traces()
            try await machine.installFromSource()
            let traces = try await machine.traces().split(separator: "\n")
            #expect(traces.contains("/usr/local/bin/rule-outcomes") && traces.contains("/etc/passwd"), "\(traces)")
            let operations = try Guide("operations.md")
            for heading in [
                "The console answers 403, 404, or nothing", "Out of memory", "Made-up ids", "One bad day",
                "Rates that halve",
            ] { try await follow(operations, heading, on: machine) }
            // What systemd makes of it: the kernel takes it from whoever has CAP_SYS_RESOURCE, which containers may lack.
            let memory = "/etc/systemd/system/rule-outcomes-aggregator.service.d"
            let spared = try await machine.run(
                """
                mkdir \(memory)
                printf '[Service]\\nOOMScoreAdjust=-500\\n' > \(memory)/memory.conf
                systemctl daemon-reload
                systemctl restart rule-outcomes-aggregator
                systemctl show -P OOMScoreAdjust rule-outcomes-aggregator
                rm -r \(memory)
                systemctl daemon-reload
                """)
            #expect(spared.text == "-500\n", "\(spared.text)")
            // Decisions that were made stay; the others are the new version's.
            let nginx = "/etc/nginx/rule-outcomes"
            try await machine.run("echo '# mine' >> \(nginx)/limits.conf; echo '# old' > \(nginx)/answers.conf")
            try await machine.run(
                "echo '# as it came' >> \(nginx)/http.conf; cp \(nginx)/http.conf /usr/local/share/doc/rule-outcomes/")
            try await follow(operations, "Upgrading", on: machine)
            let files = try await machine.run("tail -n 1 \(nginx)/limits.conf; ls \(nginx); cat \(nginx)/*.conf").text
            #expect(files.hasPrefix("# mine\n"), "\(files)")
            #expect(!files.contains("# old\n") && !files.contains("# as it came\n"), "\(files)")
            #expect(!files.contains("limits.conf.new"), "the new version's are no different")
            #expect(try await machine.convert("second") == "201")
            try await machine.waitForEvents(2)
            try await backUpAndRestore(operations, on: machine)
            // As "Junk in the lists" and "To make the store again" have it.
            let tool = "runuser -u rule-outcomes -- rule-outcomes"
            let hidden = try await machine.run("\(tool) hide try && \(tool) hide try --undo")
            #expect(hidden.text == "1 rule version hidden\n1 rule version shown again\n", "\(hidden.text)")
            let recounted = try await machine.run("rule-outcomes recount --yes")
            #expect(recounted.status == 0, "\(recounted.text)")
            #expect(recounted.text.contains("the aggregator is started"), "\(recounted.text)")
            try await machine.waitForEvents(4)
            try await machine.run("rule-outcomes token > /root/old-token")
            try await follow(operations, "Rotating keys and secrets", on: machine)
            try await eventually("tokens of the old secret are refused") {
                try await machine.convert("fifth", token: "$(cat /root/old-token)") == "401"
            }
            #expect(try await machine.convert("fifth") == "201")
            #expect(try await machine.run("make uninstall").text.contains("nginx still includes these files"))
            try await follow(operations, "Removing it", on: machine)
            // systemd takes the daemons' private directories away in its own time.
            var left = ""
            try await eventually("no trace is left") {
                left = try await machine.traces()
                return left == before
            }
            #expect(left == before)
            #expect(try await machine.run("nginx -t").status == 0)
            try await eventually("nginx has let go of the address") {
                try await machine.convert("x", token: "") == "404"
            }
            #expect(try await machine.run("curl -s http://127.0.0.1/").text == "the front page\n")
        }

        /// With two events recorded before it, and three after it.
        private func backUpAndRestore(_ operations: Guide, on machine: GuideMachine) async throws {
            try await follow(operations, "Backing up", on: machine)
            let backups = "/var/backups/rule-outcomes"
            let modes = try await machine.run("stat -c '%a %U %n' \(backups) \(backups)/* \(backups)/*/*").text
            let (directories, files) = ("700 root \(backups)", "600 root \(backups)/")
            #expect(modes.split(separator: "\n").filter { $0.hasPrefix(directories) }.count == 2, "\(modes)")
            #expect(modes.split(separator: "\n").filter { $0.hasPrefix(files) }.count == 3, "\(modes)")
            #expect(try await machine.run("systemctl start rule-outcomes-backup.service").status == 0)
            let log = try await machine.run("journalctl -u rule-outcomes-backup -o cat --no-pager").text
            #expect(log.contains(": verified, ") && log.contains("Not in it: the secrets"), "\(log)")
            #expect(try await machine.run("systemctl list-timers").text.contains("rule-outcomes-backup.timer"))
            #expect(try await machine.convert("third") == "201")
            try await machine.waitForEvents(3)
            try await follow(operations, "Restoring", on: machine)
            try await machine.waitForEvents(2)
            #expect(try await machine.convert("fourth") == "201")
            try await machine.waitForEvents(3)
            let strangers = try await machine.run("find /var/lib/rule-outcomes ! -user rule-outcomes").text
            #expect(strangers == "")
            try await follow(operations, "Moving to another host", on: machine)
            // The other host is this one, with nothing but what an installation leaves there.
            try await machine.run("rm -r /var/lib/rule-outcomes/*; systemctl start rule-outcomes-aggregator")
            try await follow(operations, "On the new host", on: machine)
            try await machine.waitForEvents(3)
            #expect(try await machine.convert("fifth") == "201")
        }

        private func follow(_ guide: Guide, _ heading: String, on machine: GuideMachine) async throws {
            let commands = guide.commands(under: heading)
            #expect(commands != "", "\(heading)")
            let result = try await machine.run(commands, environment: GuideMachine.built)
            #expect(result.status == 0, "\(heading):\n\(result.text)")
        }
    }
}
