import Foundation
import Testing

extension IntegrationTests {
    /// `make test-package` names what these need: the package, and trees of bare Debians.
    @Suite(
        "The package, on a bare Debian with a running nginx",
        .enabled(if: Package.path != nil && getuid() == 0, "make test-package runs these, as root"))
    struct PackageTests {
        @Test("is installed, upgraded under load, removed, installed again and purged", arguments: Package.trees)
        func life(tree: String) async throws {
            let machine = try await GuideMachine(files: tree)
            let nginx = "find /etc/nginx -path /etc/nginx/rule-outcomes -prune -o -type f -exec sha256sum {} +"
            let nginxBefore = try await machine.output(nginx)
            let before = try await machine.traces()
            try await machine.install(try #require(Package.path))
            #expect(try await machine.output(nginx) == nginxBefore, "nothing of nginx's is touched")
            try await expectPrivileges(on: machine)
            try await expectManual(on: machine)

            let printed = try await machine.follow("The package", "6. The first 201")
            #expect(printed.contains("healthy: "), "\(printed)")
            try await expectDiagnoses(on: machine)
            #expect(printed.ranges(of: "HTTP/1.1 201 Created").count == 2, "\(printed)")
            #expect(printed.contains(Self.counted), "\(printed)")
            #expect(try await machine.run("echo other | rule-outcomes forget").status == 0)
            for path in [
                "/metrics", "/console/default/rules", "/console/default/rule?ruleId=try", "/console/default/health",
            ] {
                let answer = try await machine.output(
                    "curl -s -o /dev/null -w '%{http_code}' --unix-socket /run/rule-outcomes/analytics.sock 'http://localhost\(path)'"
                )
                #expect(answer == "200", "\(path)")
            }
            let log = try await machine.output("journalctl -u 'rule-outcomes-*' -p warning --no-pager")
            #expect(log.contains("-- No entries --"), "\(log)")

            try await backUp(machine)
            try await upgrade(machine)
            try await remove(machine)
            try await machine.install(try #require(Package.path))
            try await eventually("what was counted is there again") {
                try await machine.output("rule-outcomes report try").contains(Self.counted)
            }
            let purge = try await machine.output("apt-get purge -y rule-outcomes 2>&1")
            #expect(purge.contains("what was counted, in /var/lib/rule-outcomes, is gone"), "\(purge)")
            try await machine.run("rm -r /tmp/next*")
            let left = Set(try await machine.traces().split(separator: "\n")).subtracting(before.split(separator: "\n"))
            // As other packages do, it leaves the users to whom lost files may belong; and nginx's logs are nginx's.
            let users = ["/etc/group", "/etc/gshadow", "/etc/passwd", "/etc/shadow"]
            #expect(left.filter { !$0.hasPrefix("/var/log/nginx/") }.sorted() == users.map { $0[...] })
        }

        @Test("takes the place of an installation from source, with what that has counted")
        func fromSource() async throws {
            let machine = try await GuideMachine()
            try await machine.installFromSource()
            let refused = try await machine.run("apt-get install -y '\(try #require(Package.path))' 2>&1")
            #expect(refused.status != 0 && refused.text.contains("From source to the package"), "\(refused.text)")
            #expect(try await machine.convert("second") == "201")
            let commands = try Guide("operations.md").commands(under: "From source to the package")
            let left = try await machine.run(commands)
            #expect(left.status == 0, "\(left.text)")
            try await machine.install(try #require(Package.path))
            let taken = try await machine.run(
                """
                sed -i 's|origins: \\[\\]|origins: [https://www.example.com]|' /etc/rule-outcomes/config.yaml
                systemctl restart rule-outcomes-aggregator rule-outcomes-responder
                nginx -t && systemctl reload nginx && sleep 1
                """)
            #expect(taken.status == 0, "\(taken.text)")
            #expect(try await machine.convert("third") == "201")
            // The visitor of before is known again: the subject secret is the same.
            #expect(try await machine.convert("second") == "201")
            try await machine.waitForEvents(4)
            let diagnosis = try await machine.run("rule-outcomes doctor")
            // Nobody can be asked about sessions in here.
            let errors = diagnosis.text.split(separator: "\n").filter { $0.hasPrefix("  error") }
            #expect(errors.allSatisfy { $0.contains("session cannot be verified") }, "\(diagnosis.text)")
        }

        @Test("completes what is typed in three shells")
        func completions() async throws {
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ro-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: directory) }
            let script = """
                set -e
                dpkg-deb -x "$0" "$1"
                cd "$1/usr/share"
                bash -c '. bash-completion/completions/rule-outcomes; complete -p rule-outcomes'
                zsh -fc 'autoload -U compinit; fpath=($PWD/zsh/vendor-completions $fpath); compinit -D
                    echo $_comps[rule-outcomes]; autoload +X -U _rule-outcomes'
                fish --no-config -c '
                    source fish/vendor_completions.d/rule-outcomes.fish; complete -C "rule-outcomes st"'
                """
            let shells = try RunningProcess(
                Executables.shell, ["-c", script, try #require(Package.path), directory.path])
            #expect(await shells.waitForExit() == 0)
            await shells.waitForEnd()
            let lines = shells.text.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("complete ") && $0.hasSuffix(" rule-outcomes") }, "\(shells.text)")
            #expect(lines.contains("_rule-outcomes"), "\(shells.text)")
            #expect(lines.contains { $0.hasPrefix("status\t") }, "\(shells.text)")
        }

        /// One visitor, who saw the outcome and converted.
        private static var counted: Regex<Substring> { /graph\/1#1 +1 +1 +CLICKED +1 +100.0 %/ }

        /// By the unit, whose timer is there and not enabled.
        private func backUp(_ machine: GuideMachine) async throws {
            let timer = "rule-outcomes-backup.timer"
            #expect(try await machine.output("systemctl is-enabled \(timer) || true") == "disabled\n")
            #expect(try await machine.run("systemctl start rule-outcomes-backup.service").status == 0)
            let log = try await machine.output("journalctl -u rule-outcomes-backup -o cat --no-pager")
            #expect(log.contains("/var/backups/rule-outcomes/2") && log.contains(": verified, "), "\(log)")
            #expect(try await machine.output("find /var/lib/rule-outcomes ! -user rule-outcomes") == "")
            #expect(
                try await machine.run("systemctl enable --now \(timer) && rm -r /var/backups/rule-outcomes/2*").status
                    == 0)
        }

        /// With a decision changed and others not, while requests come.
        private func upgrade(_ machine: GuideMachine) async throws {
            try await machine.run("echo '# mine' >> /etc/nginx/rule-outcomes/limits.conf")
            let next = try await machine.run(
                """
                cd /tmp && rm -rf next && dpkg-deb -R '\(try #require(Package.path))' next
                sed -i 's/^Version: .*/&+next/' next/DEBIAN/control
                echo '# next' >> next/etc/nginx/rule-outcomes/limits.conf
                echo '# next' >> next/etc/nginx/rule-outcomes/session.conf
                echo '# next' >> next/usr/share/rule-outcomes/nginx/answers.conf
                dpkg-deb --root-owner-group -Znone -b next next.deb
                """)
            #expect(next.status == 0, "\(next.text)")
            let daemons = "systemctl show -p MainPID --value rule-outcomes-aggregator rule-outcomes-responder | grep ."
            let before = try await machine.output(daemons).split(separator: "\n")
            try await machine.addOrigin()
            try await machine.beginLoad()
            try await machine.install("/tmp/next.deb")
            let count = try await machine.endLoad()
            let after = try await machine.output(daemons).split(separator: "\n")
            #expect(before.count == 2 && after.count == 2 && Set(before).isDisjoint(with: after), "\(before) \(after)")
            for rule in ["load", "story"] {
                try await eventually("each \(rule) is counted") {
                    let report = try await machine.output("rule-outcomes report \(rule) --format csv")
                    return report.contains(",\(count),") || report.contains(",\(count)\n")
                        || report.contains(",\(count)\r")
                }
            }
            let last = "tail -qn 1 /etc/nginx/rule-outcomes/limits.conf /etc/nginx/rule-outcomes/session.conf "
            #expect(
                try await machine.output(last + "/etc/nginx/rule-outcomes/answers.conf") == "# mine\n# next\n# next\n")
            #expect(try await machine.run("nginx -t").status == 0)
        }

        /// Not while nginx includes its files, since nginx would not start again. What was counted stays.
        private func remove(_ machine: GuideMachine) async throws {
            let refused = try await machine.run("apt-get remove -y rule-outcomes 2>&1")
            #expect(refused.status != 0 && refused.text.contains("nginx still includes"), "\(refused.text)")
            #expect(try await machine.convert("second") == "201")
            try await machine.run(
                """
                rm /etc/nginx/conf.d/rule-outcomes.conf
                sed -i '/rule-outcomes/d' /etc/nginx/sites-available/default
                nginx -t && systemctl reload nginx
                """)
            let removed = try await machine.run("apt-get remove -y rule-outcomes 2>&1")
            #expect(removed.status == 0, "\(removed.text)")
            #expect(try await machine.run("systemctl is-active rule-outcomes-backup.timer").status != 0)
            #expect(try await machine.run("test -s /var/lib/rule-outcomes/journal.sqlite").status == 0)
            #expect(try await machine.run("test -s /etc/rule-outcomes/subject.secret").status == 0)
            #expect(try await machine.output("curl -s http://127.0.0.1/") == "the front page\n")
        }

        /// The aggregator reads no key, the responder no count, and systemd keeps both from everything else.
        private func expectPrivileges(on machine: GuideMachine) async throws {
            for (user, path, isReadable) in [
                ("rule-outcomes", "/etc/rule-outcomes/subject.secret", false),
                ("rule-outcomes", "/etc/rule-outcomes/jwt.secret", false),
                ("rule-outcomes-responder", "/etc/rule-outcomes/subject.secret", true),
                ("rule-outcomes-responder", "/var/lib/rule-outcomes/journal.sqlite", false),
                ("rule-outcomes-keys", "/etc/rule-outcomes/config.yaml", true),
                ("rule-outcomes-keys", "/etc/rule-outcomes/subject.secret", false),
                ("rule-outcomes-keys", "/etc/rule-outcomes/jwt.secret", false),
                ("rule-outcomes-keys", "/var/lib/rule-outcomes/journal.sqlite", false),
                ("www-data", "/etc/rule-outcomes/subject.secret", false),
                ("www-data", "/var/lib/rule-outcomes/journal.sqlite", false),
            ] {
                let found = try await machine.run("runuser -u \(user) -- cat \(path) > /dev/null 2>&1")
                #expect((found.status == 0) == isReadable, "\(user) \(path)")
            }
            // What backs up is root, who owns the backups.
            #expect(try await machine.exposure(of: "rule-outcomes-backup.service") <= 1.5)
            for daemon in ["aggregator", "responder"] {
                let unit = "rule-outcomes-\(daemon).service"
                #expect(try await machine.exposure(of: unit) <= 1)
                let profile = "/etc/apparmor.d/usr.bin.rule-outcomes-\(daemon)"
                let parsed = try await machine.run("apparmor_parser --skip-kernel-load --skip-cache \(profile) 2>&1")
                #expect(parsed.status == 0, "\(parsed.text)")
            }
            try await expectKeyUnits(on: machine)
            try await expectNotices(on: machine)
        }

        /// Nobody is told until the configuration says who. Then its own user tells of a rule version, and can neither record
        /// anything nor look at what is counted of visitors.
        private func expectNotices(on machine: GuideMachine) async throws {
            #expect(try await machine.exposure(of: "rule-outcomes-notify.service") < 1.7)
            #expect(try await machine.output("systemctl is-active rule-outcomes-notify.timer") == "active\n")
            let nobody = try await machine.run("systemctl start rule-outcomes-notify 2>&1")
            #expect(nobody.status == 0 && nobody.text == "", "\(nobody.text)")
            let tried = try await machine.run(
                #"""
                cat > /usr/local/bin/tell << 'END'
                #!/bin/sh
                { cat; id -un; cat /var/lib/rule-outcomes/* /etc/rule-outcomes/*.secret
                curl -s --unix-socket /run/rule-outcomes/responder.sock http://x/; echo "connected $?"; } > "$STATE_DIRECTORY/told" 2>&1
                END
                chmod 0755 /usr/local/bin/tell
                cp -p /etc/rule-outcomes/config.yaml /root/config.yaml
                printf 'notify:\n  command: [/usr/local/bin/tell]\n' >> /etc/rule-outcomes/config.yaml
                mkdir -p /run/systemd/system/rule-outcomes-notify.service.d
                printf '[Service]\nExecStart=\nExecStart=/usr/bin/rule-outcomes notify --test\n' \
                    > /run/systemd/system/rule-outcomes-notify.service.d/test.conf
                systemctl daemon-reload && systemctl start rule-outcomes-notify; echo "ended $?"
                rm -r /run/systemd/system/rule-outcomes-notify.service.d && systemctl daemon-reload
                systemctl start rule-outcomes-notify; echo "looked $?"
                cat /var/lib/rule-outcomes-notify/told; stat -c '%U %a' /var/lib/rule-outcomes-notify
                mv /root/config.yaml /etc/rule-outcomes/config.yaml
                (umask 077; echo https://hooks.invalid/services/x > /etc/rule-outcomes/webhook.url
                echo "whsec_$(head -c 32 /dev/urandom | base64 -w 0)" > /etc/rule-outcomes/webhook.secret)
                chown root:rule-outcomes-notify /etc/rule-outcomes/webhook.*
                chmod 0640 /etc/rule-outcomes/webhook.*
                cp /etc/rule-outcomes/config.yaml /etc/rule-outcomes/hook.yaml
                printf 'notify:\n  webhook: webhook.url\n  webhookSecret: webhook.secret\n' >> /etc/rule-outcomes/hook.yaml
                runuser -u rule-outcomes-notify -g rule-outcomes-notify -G www-data -- \
                    rule-outcomes notify --dry-run --config /etc/rule-outcomes/hook.yaml 2>&1; echo "by hand $?"
                rule-outcomes notify --config /etc/rule-outcomes/hook.yaml 2>&1; echo "root $?"
                rm /etc/rule-outcomes/hook.yaml /etc/rule-outcomes/webhook.*
                """#)
            let lines = tried.text.split(separator: "\n")
            #expect(lines.contains("ended 0") && lines.contains("looked 0"), "\(tried.text)")
            #expect(lines.contains("This is a test: notices of rule-outcomes arrive here."), "\(tried.text)")
            #expect(
                lines.contains("rule-outcomes-notify") && lines.contains("rule-outcomes-notify 700"), "\(tried.text)")
            #expect(lines.contains("by hand 0") && lines.contains("root 0"), "\(tried.text)")
            let secrets = try await machine.output("cat /etc/rule-outcomes/*.secret").split(separator: "\n")
            #expect(secrets.count == 2 && secrets.allSatisfy { !tried.text.contains($0) })
            #expect(lines.count { $0.hasSuffix(".secret: Permission denied") } == 2, "\(tried.text)")
            #expect(lines.contains("connected 7") && !tried.text.contains("SQLite format"), "\(tried.text)")
        }

        /// Where no site names a URL, fetching keys is nothing, and says nothing.
        private func expectKeyUnits(on machine: GuideMachine) async throws {
            #expect(try await machine.exposure(of: "rule-outcomes-keys.service") < 1.5)
            #expect(
                try await machine.output("systemctl is-active rule-outcomes-keys.timer rule-outcomes-keys.path")
                    == "active\nactive\n")
            let fetched = try await machine.run("systemctl start rule-outcomes-keys 2>&1")
            #expect(fetched.status == 0 && fetched.text == "", "\(fetched.text)")
            let owner = try await machine.output(
                "stat -c '%U %a' /var/lib/rule-outcomes-keys; ls /var/lib/rule-outcomes-keys")
            #expect(owner == "rule-outcomes-keys 755\n")
        }

        /// What only shows where each process is a user of its own.
        private func expectDiagnoses(on machine: GuideMachine) async throws {
            for (misfortune, cure, found) in [
                (
                    "chown root:root /etc/rule-outcomes/jwt.secret",
                    "chgrp rule-outcomes-responder /etc/rule-outcomes/jwt.secret",
                    "jwt.secret"
                ),
                (
                    "chmod 0600 /run/rule-outcomes/responder.sock", "chmod 0660 /run/rule-outcomes/responder.sock",
                    "nginx's workers (www-data) may not open /run/rule-outcomes/responder.sock"
                ),
                (
                    "chmod 0644 /etc/rule-outcomes/subject.secret", "chmod 0640 /etc/rule-outcomes/subject.secret",
                    "the aggregator's user (rule-outcomes) can read /etc/rule-outcomes/subject.secret"
                ),
                (
                    "chown root: /var/lib/rule-outcomes/store.sqlite",
                    "chown rule-outcomes: /var/lib/rule-outcomes/store.sqlite",
                    "/var/lib/rule-outcomes/store.sqlite is root's, not rule-outcomes's"
                ),
                (
                    "echo 10 > /proc/sys/net/unix/max_dgram_qlen", "echo 512 > /proc/sys/net/unix/max_dgram_qlen",
                    "10 lines"
                ),
            ] {
                let result = try await machine.run(
                    "\(misfortune); status=0; rule-outcomes doctor || status=$?; \(cure); exit $status")
                #expect(result.status != 0 && result.text.contains(found), "\(misfortune): \(result.text)")
            }
            let unprivileged = try await machine.run("runuser -u nobody -- rule-outcomes doctor")
            #expect(unprivileged.status != 0 && unprivileged.text.contains("run this as root"), "\(unprivileged.text)")
            #expect(try await machine.run("rule-outcomes doctor").status == 0)
        }

        private func expectManual(on machine: GuideMachine) async throws {
            let pages = try await machine.output("dpkg -L rule-outcomes | grep '/man/man[158]/.*gz$'").split(
                separator: "\n")
            #expect(pages.count > 10, "\(pages)")
            for page in pages {
                let warnings = try await machine.output(
                    "LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z \(page) 2>&1 > /dev/null")
                #expect(warnings == "", "\(page): \(warnings)")
            }
        }
    }
}

/// What `make test-package` names.
private enum Package {
    static let path = ProcessInfo.processInfo.environment["PACKAGE"]
    static let trees = ProcessInfo.processInfo.environment["DEBIAN_TREES"]?.split(separator: " ").map(String.init) ?? []
}

extension GuideMachine {
    fileprivate func output(_ script: String) async throws -> String {
        try await run(script).text
    }

    fileprivate func install(_ package: String) async throws {
        let keep = "-o Dpkg::Options::=--force-confold"
        let result = try await run(
            "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \(keep) '\(package)' 2>&1")
        #expect(result.status == 0, "\(result.text)")
    }

    /// Does what docs/install.md says.
    fileprivate func follow(_ headings: String...) async throws -> String {
        let guide = try Guide("install.md")
        var printed = ""
        for heading in headings {
            let commands = guide.commands(under: heading)
            #expect(commands != "", "\(heading)")
            let result = try await run(commands)
            #expect(result.status == 0, "\(heading):\n\(result.text)")
            printed += result.text
        }
        return printed
    }

    /// Has the site pass one page on to an origin that says what it has rendered.
    fileprivate func addOrigin() async throws {
        let changed = try await run(
            """
            cat > /etc/nginx/conf.d/origin.conf << 'END'
            server {
                listen 127.0.0.1:8081;
                add_header X-Rule-Outcomes '[{"ruleId": "story", "outcomeId": "graph/1#1"}]';
                location / { return 200; }
            }
            END
            sed -i '/^\\s*server_name _;/a location /story { proxy_pass http://127.0.0.1:8081; include rule-outcomes/exposures.conf; }' \\
                /etc/nginx/sites-available/default
            nginx -t && systemctl reload nginx && sleep 1
            """)
        #expect(changed.status == 0, "\(changed.text)")
    }

    /// Begins to send conversions and page views, each of another visitor and eight at a time, until ``endLoad()``.
    fileprivate func beginLoad() async throws {
        try await run(
            """
            token=$(rule-outcomes token)
            (while [ ! -e /tmp/load.stop ]; do
                n=$((n + 1))
                seq 1 40 | xargs -P 8 -I{} curl -s -o /dev/null -w '%{http_code}\\n' \\
                    http://127.0.0.1/zephr/public/rule-outcomes/v1/conversions \\
                    -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \\
                    -b "blaize_tracking_id=load-$n-{}" \\
                    -d '{"ruleId": "load", "outcomeId": "graph/1#1", "conversion": "C"}'
                seq 1 40 | xargs -P 8 -I{} curl -s -o /dev/null http://127.0.0.1/story -b "blaize_tracking_id=load-$n-{}"
            done > /tmp/load.some; mv /tmp/load.some /tmp/load.done) > /dev/null 2>&1 &
            sleep 0.5
            """)
    }

    /// Ends it a moment later. How many were sent, all of which have to be answered 201.
    fileprivate func endLoad() async throws -> Int {
        try await run("sleep 1; touch /tmp/load.stop")
        try await eventually("all are answered") { try await run("test -e /tmp/load.done").status == 0 }
        let answers = try await output("sort /tmp/load.done | uniq -c").split(separator: "\n").map {
            $0.split(separator: " ")
        }
        let count = answers.first.flatMap { Int($0[0]) } ?? 0
        #expect(answers.count == 1 && answers.first?.last == "201" && count > 100, "\(answers)")
        return count
    }
}
