import Foundation
import Testing

extension IntegrationTests {
    /// The package's own units, around the programs under test.
    @Suite("The units that fetch keys", .enabled(if: getuid() == 0, "namespaces with a systemd need root"))
    struct FetchedKeysUnitTests {
        @Test("a key that is published is good without a hand on it, though another site's cannot be had")
        func units() async throws {
            let machine = try await GuideMachine()
            let (old, new) = (SigningKey("old"), SigningKey("new"))
            try await install(on: machine)
            try await machine.expect("systemctl start rule-outcomes-keys", "a site without a URL is left alone")
            let silent = try await machine.run("journalctl -u rule-outcomes-keys _COMM=rule-outcomes -o cat --no-pager")
            #expect(silent.text == "" || silent.text == "-- No entries --\n", "\(silent.text)")
            #expect(try await machine.reloads() == 0)

            try await publish(SigningKey.set(old), on: machine)
            try await machine.expect(
                """
                cp /root/urls.yaml /etc/rule-outcomes/config.yaml
                if systemctl start rule-outcomes-keys; then exit 1; fi
                """, "the other site's failure is the unit's")
            let log = try await machine.run("journalctl -u rule-outcomes-keys -o cat --no-pager").text
            #expect(log.contains("site 'default': keys fetched, new: 'old'"), "\(log)")
            #expect(log.contains("Error: site 'other': https://localhost:1/"), "\(log)")
            let kept = "stat -c '%U %a %n' /var/lib/rule-outcomes-keys /var/lib/rule-outcomes-keys/*"
            let files = try await machine.run(kept).text
            #expect(
                files.contains(
                    /^rule-outcomes-keys 755 \/var\/lib\/rule-outcomes-keys\nrule-outcomes-keys 644 \S+\/default\.\S+\.jwks\.json\n$/
                ),
                "\(files)")
            try await eventually("the key is taken") { try await machine.convert("a", token: old.token()) == "201" }
            try await eventually("it is told so once") { try await machine.reloads() == 1 }

            try await machine.run("systemctl start rule-outcomes-keys || true")
            #expect(try await machine.reloads() == 1, "what is the same is not read again")

            // By the timer from here on, in seconds in place of minutes, and though each time is a failure.
            try await machine.expect(
                """
                mkdir /etc/systemd/system/rule-outcomes-keys.timer.d
                printf '[Timer]\\nOnUnitInactiveSec=\\nOnUnitInactiveSec=1s\\nRandomizedDelaySec=0\\n' \\
                    > /etc/systemd/system/rule-outcomes-keys.timer.d/often.conf
                systemctl daemon-reload
                systemctl start rule-outcomes-keys.timer
                """, "the timer is started")
            try await eventually("it tries again and again") { try await machine.failures() >= 4 }
            try await publish(SigningKey.set(new), on: machine)
            try await eventually("the other key is taken") {
                try await machine.convert("a", token: new.token()) == "201"
            }
            #expect(try await machine.convert("a", token: old.token()) == "401")
            try await eventually("it is told so once") { try await machine.reloads() == 2 }
        }

        @Test("a token with a key that was published since has it fetched, without the timer")
        func early() async throws {
            let machine = try await GuideMachine()
            let (old, new) = (SigningKey("old"), SigningKey("new"))
            try await install(on: machine)
            try await publish(SigningKey.set(old), on: machine)
            try await machine.run(
                "cp /root/urls.yaml /etc/rule-outcomes/config.yaml; systemctl start rule-outcomes-keys || true")
            try await eventually("the key is taken") { try await machine.convert("a", token: old.token()) == "201" }
            try await publish(SigningKey.set(new), on: machine)
            try await machine.expect("systemctl start rule-outcomes-keys.path", "it is watched for")
            #expect(try await machine.convert("a", token: new.token()) == "401")
            try await eventually("the other key is taken") {
                try await machine.convert("a", token: new.token()) == "201"
            }
        }

        @Test("a responder that asks without end is heard no more after some time, and others are")
        func limit() async throws {
            let machine = try await GuideMachine()
            try await install(on: machine)
            try await machine.expect(
                """
                systemctl start rule-outcomes-keys.path
                for each in $(seq 5000); do
                    touch /run/rule-outcomes-responder/keys-wanted
                    if systemctl is-failed --quiet rule-outcomes-keys.path; then exit 0; fi
                done
                exit 1
                """, "the unit has failed")
            try await machine.expect("systemctl start rule-outcomes-keys", "whoever else asks is heard")
        }

        @Test("a change that comes while the responder is away or starting is told to it later")
        func away() async throws {
            let machine = try await GuideMachine()
            try await install(on: machine)
            let reload = "/usr/lib/rule-outcomes/reload-keys"
            try await machine.expect(
                """
                systemctl stop rule-outcomes-responder.socket rule-outcomes-exposures.socket rule-outcomes-responder
                install -d /var/lib/rule-outcomes-keys
                echo 1 > /var/lib/rule-outcomes-keys/default.jwks.json
                \(reload)
                test ! -e /run/rule-outcomes-keys.read
                systemctl start rule-outcomes-responder
                """, "nothing is noted as read")
            #expect(try await machine.reloads() == 0)
            try await machine.expect("\(reload); \(reload)", "it is told")
            try await eventually("once") { try await machine.reloads() == 1 }
            try await machine.expect(
                """
                echo 2 > /var/lib/rule-outcomes-keys/new
                mv /var/lib/rule-outcomes-keys/new /var/lib/rule-outcomes-keys/default.jwks.json
                \(reload)
                """, "a file in another's place is a change")
            try await eventually("and again") { try await machine.reloads() == 2 }
            let mistaken = try await machine.run(
                """
                echo 3 > /var/lib/rule-outcomes-keys/default.jwks.json
                sed -i 's|^sites:|sties:|' /etc/rule-outcomes/config.yaml
                \(reload)
                """)
            #expect(mistaken.status != 0, "with a mistake nothing is read: \(mistaken.text)")
            try await machine.expect(
                "sed -i 's|^sties:|sites:|' /etc/rule-outcomes/config.yaml; \(reload)", "it is mended")
            try await eventually("then it is read") { try await machine.reloads() == 3 }
        }

        @Test("the units have no mistake, and the service may do little")
        func hardened() async throws {
            let machine = try await GuideMachine()
            try await install(on: machine)
            let units = try await machine.run(
                "systemd-analyze verify --man=no rule-outcomes-keys.{timer,path,service} 2>&1 | grep rule-outcomes || true"
            )
            #expect(units.text == "", "\(units.text)")
            #expect(try await machine.exposure(of: "rule-outcomes-keys.service") < 1.5)
            try await machine.expect("systemctl start rule-outcomes-keys.timer", "it is started")
            let next = try await machine.run("systemctl list-timers --no-legend rule-outcomes-keys.timer").text
            #expect(next.contains("rule-outcomes-keys.service"), "\(next)")
        }

        /// What the package brings, and the configuration of two sites: in force one that names no URL, in /root one that does.
        private func install(on machine: GuideMachine) async throws {
            let programs = Executables.responder.deletingLastPathComponent().path
            try await machine.expect(
                """
                make install prefix=/usr bin='\(programs)'
                cp packaging/systemd/* /lib/systemd/system/
                install -D -t /usr/lib/rule-outcomes packaging/reload-keys
                install -m 0644 packaging/debian/rule-outcomes.sysusers /usr/lib/sysusers.d/rule-outcomes.conf
                install -m 0644 packaging/debian/rule-outcomes.tmpfiles /usr/lib/tmpfiles.d/rule-outcomes.conf
                systemd-sysusers rule-outcomes.conf
                systemd-tmpfiles --create rule-outcomes.conf
                install -d /etc/rule-outcomes
                cp packaging/config.yaml packaging/rules.yaml /etc/rule-outcomes/
                head -c 48 /dev/urandom | base64 > /etc/rule-outcomes/subject.secret
                cp /etc/rule-outcomes/subject.secret /etc/rule-outcomes/jwt.secret
                chgrp rule-outcomes-responder /etc/rule-outcomes/*.secret
                chmod 0640 /etc/rule-outcomes/*.secret
                sed -e 's|secret: jwt.secret|jwks: "https://localhost:8443/set.json"|' \\
                    -e 's|algorithms: .*|algorithms: [EdDSA]|' packaging/config.yaml > /root/urls.yaml
                sed -i 's|^rules:.*||' /root/urls.yaml
                printf '  other:\\n    origins: []\\n    jwt: { jwks: "https://localhost:1/", algorithms: [EdDSA] }\\n' >> /root/urls.yaml
                systemctl daemon-reload
                systemctl start rule-outcomes-aggregator rule-outcomes-responder
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \\
                    -addext subjectAltName=DNS:localhost -keyout /root/key.pem -out /root/certificate.pem 2> /dev/null
                cat /root/certificate.pem >> /etc/ssl/certs/ca-certificates.crt
                mkdir -p /var/www/keys
                echo 'include rule-outcomes/http.conf; server { listen 8443 ssl; ssl_certificate /root/certificate.pem;
                    ssl_certificate_key /root/key.pem; root /var/www/keys; }' > /etc/nginx/conf.d/keys.conf
                sed -i 's|server_name _;|server_name _; include rule-outcomes/conversions.conf;|' /etc/nginx/sites-available/default
                systemctl reload nginx
                """, "it is installed")
        }

        private func publish(_ text: String, on machine: GuideMachine) async throws {
            try await machine.expect("echo '\(text)' > /var/www/keys/set.json", "it is published")
        }
    }
}

extension GuideMachine {
    fileprivate func expect(_ script: String, _ fact: String) async throws {
        let result = try await run(script)
        #expect(result.status == 0, "\(fact): \(result.text)")
    }

    /// How often the responder has read its keys again.
    fileprivate func reloads() async throws -> Int {
        try await lines("^reloaded", loggedBy: "rule-outcomes-responder")
    }

    /// How often a site's keys could not be had.
    fileprivate func failures() async throws -> Int {
        try await lines("^Error: site 'other'", loggedBy: "rule-outcomes-keys")
    }

    private func lines(_ pattern: String, loggedBy unit: String) async throws -> Int {
        let count = try await run("journalctl -u \(unit) -o cat --no-pager | grep -c \"\(pattern)\" || true")
        return try #require(Int(count.text.dropLast()), "\(count.text)")
    }

    /// What `systemd-analyze security` thinks of a unit: 0 for one that may do nothing, 10 for one that may do all.
    func exposure(of unit: String) async throws -> Double {
        let rating = try await run("systemd-analyze security --no-pager \(unit)").text
        let exposure = rating.firstMatch(of: /Overall exposure level for .*: (\d+\.\d)/).flatMap { Double($0.1) }
        return try #require(exposure, "\(rating)")
    }
}
