import Analytics
import Foundation
import Testing

extension IntegrationTests {
    @Suite("Exposures from nginx's log")
    struct ExposureLogTests {
        private func report(_ site: OriginSite) async throws -> OutcomesReport.Outcome {
            _ = try await site.deployment.counts()
            let answer = try await site.deployment.analytics("/v1/sites/default/outcomes?ruleId=article-22")
            let report = try JSONDecoder().decode(OutcomesReport.self, from: Data(answer.body.utf8))
            return try #require(report.outcomes.first)
        }

        @Test("a page that the origin says shows an outcome exposes its visitor, on a first view too, with no script")
        func rate() async throws {
            let site = try OriginSite()
            try await site.deployment.start()
            let answer = try await site.page("a")
            #expect(answer.status == 200 && answer.body == "a page")
            #expect(answer.headers["X-Rule-Outcomes"].isEmpty)
            #expect(answer.headers["X-Other"] == ["other"])
            _ = try await site.page("a")
            let first = try await site.page(setting: "blaize_tracking_id=b; Path=/; HttpOnly")
            #expect(first.headers["Set-Cookie"] == ["blaize_tracking_id=b; Path=/; HttpOnly"])
            _ = try await site.page("b", setting: "other=1; Path=/")
            // Who came with a cookie was shown it under that one, whatever the origin says of the next.
            _ = try await site.page("old", setting: "blaize_tracking_id=c; Path=/")
            try await site.expectLog(["default durable": 5])
            for visitor in ["b", "c", "old"] {
                let conversion = ConversionRequest(cookie: "blaize_tracking_id=\(visitor); blaize_session=s")
                #expect(try await site.deployment.send(conversion).status == 201)
            }
            let outcome = try await report(site)
            #expect(outcome.exposed == 3)
            #expect(outcome.exposures == 5)
            #expect(outcome.conversions.first?.converted == 2)
            #expect(outcome.conversions.first?.unattributed == 1)
            let metrics = try await site.deployment.analytics("/metrics").body
            let line = #"rule_outcomes_answers_total{site="default",door="log",status="0",reason="durable"} 5"#
            #expect(metrics.contains("\n\(line)\n") && metrics.contains("\nrule_outcomes_records_total 8\n"))
            let table = try await site.deployment.run("status").text
            #expect(table.contains(/default +log +0 +durable +5/), "\(table)")
        }

        @Test("a page that shows nothing makes no line, and neither does HEAD; one of several outcomes exposes to each")
        func lines() async throws {
            let site = try OriginSite()
            try await site.deployment.start()
            _ = try await site.page("a", showing: nil)
            _ = try await site.page("a", method: "HEAD")
            _ = try await site.page(
                "a",
                showing: #"[{"ruleId":"article-22","outcomeId":"é \"1\""},{"ruleId":"article-22","outcomeId":"2\\"}]"#)
            _ = try await site.page("a", showing: "[]")
            try await site.expectLog(["default durable": 2, "default empty": 1])
            _ = try await site.deployment.counts()
            let answer = try await site.deployment.analytics("/v1/sites/default/outcomes?ruleId=article-22")
            let report = try JSONDecoder().decode(OutcomesReport.self, from: Data(answer.body.utf8))
            #expect(Set(report.outcomes.compactMap(\.outcomeId)) == ["é \"1\"", "2\\"])
            let pages = try String(contentsOfFile: site.deployment.path("pages.log"), encoding: .utf8)
            #expect(pages.split(separator: "\n").count == 4)
        }

        @Test(
            "whom nginx excludes, who has no cookie, and what the origin spells wrongly are not counted, and told apart"
        )
        func passedOver() async throws {
            let site = try OriginSite()
            try await site.deployment.start()
            _ = try await site.page("a", userAgent: "Googlebot/2.1")
            _ = try await site.page()
            _ = try await site.page("a", showing: "article-22")
            _ = try await site.page("a", showing: #"[{"ruleId":"article-22"}]"#)
            // No visitor can make a line that is not understood.
            let bytes = try RunningProcess(
                Executables.shell,
                [
                    "-c",
                    "curl -s -o /dev/null -H \"Render: $1\" -b \"blaize_tracking_id=$(printf '\\303\\042')\" \"$0\"",
                    "http://127.0.0.1:\(site.deployment.port)/page", OriginSite.outcomes,
                ])
            #expect(await bytes.waitForExit() == 0)
            try await site.expectLog([
                "default excluded:bot": 1, "default tracking-id": 2, "default outcomes": 1, "default field": 1,
            ])
            #expect(try await site.deployment.status().records == 0)
            let log = try #require(site.deployment.responder).text
            #expect(log.contains("is passed over: in the origin's header there is something else than JSON arrays"))
        }

        @Test("a site that the configuration lacks, or whose analytics is off, has none", arguments: ["other", "off"])
        func site(name: String) async throws {
            let site = try OriginSite { file, text in
                file == "derived.conf" ? text.replacing("$oc_site\"", with: "\(name)\"") : text
            }
            try await site.deployment.start()
            _ = try await site.page("a")
            try await site.expectLog([name == "off" ? "off off" : "- site": 1])
        }

        @Test("without an aggregator a line is given up at its deadline, and a stop waits no longer for it")
        func aggregatorAway() async throws {
            let site = try OriginSite()
            try await site.deployment.start()
            let (aggregator, responder) = (
                try #require(site.deployment.aggregator), try #require(site.deployment.responder)
            )
            aggregator.signal(SIGKILL)
            await aggregator.waitForExit()
            _ = try await site.page("a")
            try await site.deployment.startAggregator()
            // In time: it was kept.
            try await site.expectLog(["default durable": 1])
            site.deployment.aggregator?.signal(SIGSTOP)
            defer { site.deployment.aggregator?.signal(SIGCONT) }
            _ = try await site.page("b")
            responder.signal(SIGTERM)
            #expect(await responder.waitForExit() == 0)
            #expect(!FileManager.default.fileExists(atPath: site.deployment.path("exposures.sock")))
        }

        @Test("a responder that is started again goes on reading, and pages are served without one")
        func restart() async throws {
            let site = try OriginSite()
            try await site.deployment.start()
            _ = try await site.page("a")
            try await site.expectLog(["default durable": 1])
            let responder = try #require(site.deployment.responder)
            responder.signal(SIGKILL)
            await responder.waitForExit()
            #expect(try await site.page("b").status == 200)
            try await site.deployment.startResponder()
            // nginx finds out with the first line that its connection is gone.
            var pages = 0
            try await eventually("lines arrive again") {
                pages += 1
                #expect(try await site.page("c").status == 200)
                return try await site.deployment.status().records >= 2
            }
            #expect(pages < 200)
        }

        @Test("a flood of lines, hostile ones among them, keeps no conversion from being recorded")
        func flood() async throws {
            let site = try OriginSite()
            try await site.deployment.start()
            let flood = try LogFlood(path: site.deployment.path("exposures.sock"), seed: 7)
            for number in 0..<50 {
                let conversion = ConversionRequest(cookie: "blaize_tracking_id=\(number); blaize_session=s")
                #expect(try await site.deployment.send(conversion).status == 201)
            }
            #expect(await flood.stop() > 0)
            #expect(try await site.deployment.counts().map(\.visitors) == [50])
            _ = try await site.page("a")
            try await eventually("the page's line is read") {
                try await site.deployment.status().answers.contains { $0.door == "log" && $0.reason == "durable" }
            }
        }

        @Test("a responder takes both sockets that systemd passes, for requests and for exposures")
        func inherited() async throws {
            let site = try OriginSite(responder: "", listen: "inherited")
            try await site.deployment.startAggregator()
            let responder = try startBySystemd(site)
            defer { responder.signal(SIGTERM) }
            // Each in its own time: the connection may be there before the sockets are read.
            await responder.wait(forText: "connected to the aggregator")
            await responder.wait(forText: "reading nginx's log of exposures at descriptor 4 (LISTEN_FDS)")
            await responder.wait(forText: "listening on descriptor 3 (LISTEN_FDS)")
            #expect(responder.text.contains("at descriptor 4 (LISTEN_FDS)"))
            #expect(responder.text.contains("listening on descriptor 3 (LISTEN_FDS)"))
            try await site.deployment.startNginx()
            _ = try await site.page("a")
            let conversion = ConversionRequest(cookie: "blaize_tracking_id=a; blaize_session=s")
            #expect(try await site.deployment.send(conversion).status == 201)
            try await site.expectLog(["default durable": 1])
            #expect(try await report(site).conversions.first?.converted == 1)
        }

        @Test(
            "a socket for exposures that is passed beside one that is configured is refused, since one would be left unread"
        )
        func passedAndConfigured() async throws {
            let site = try OriginSite(listen: "inherited")
            let responder = try startBySystemd(site)
            #expect(await responder.waitForExit() == 69)
            await responder.waitForEnd()
            #expect(responder.text.contains("responder.exposureSocket names another; pass none, or take that key out"))
            withExtendedLifetime(site) {}
        }

        @Test("a responder that listens by itself takes the socket for exposures that systemd passes")
        func inheritedAlone() async throws {
            let site = try OriginSite(responder: "")
            try await site.deployment.startAggregator()
            let responder = try startBySystemd(site, Self.datagramsAlone)
            defer { responder.signal(SIGTERM) }
            await responder.wait(forText: "connected to the aggregator")
            await responder.wait(forText: "reading nginx's log of exposures at descriptor 3 (LISTEN_FDS)")
            await responder.wait(forText: "listening on unix:")
            try await site.deployment.startNginx()
            _ = try await site.page("a")
            try await site.expectLog(["default durable": 1])
        }

        private func startBySystemd(_ site: OriginSite, _ systemd: String = Self.systemd) throws -> RunningProcess {
            try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/perl"),
                [
                    "-MSocket", "-MPOSIX", "-e", systemd, Executables.responder.path,
                    site.deployment.configurationPath, site.deployment.directory.path,
                ])
        }

        private static let datagramsAlone = """
            ($command, $configuration, $directory) = @ARGV;
            $^F = 9;
            socket(DATAGRAMS, PF_UNIX, SOCK_DGRAM, 0)
                && bind(DATAGRAMS, sockaddr_un("$directory/exposures.sock")) || die $!;
            POSIX::dup2(fileno(DATAGRAMS), 23);
            POSIX::dup2(23, 3);
            @ENV{"LISTEN_FDS", "LISTEN_PID"} = (1, $$);
            exec $command, "--config", $configuration;
            """

        /// Opens two sockets in a directory and hands them on as systemd does. Perl is on every Debian.
        private static let systemd = """
            ($command, $configuration, $directory) = @ARGV;
            $^F = 9;
            socket(LISTENER, PF_UNIX, SOCK_STREAM, 0) && bind(LISTENER, sockaddr_un("$directory/responder.sock"))
                && listen(LISTENER, 64) || die $!;
            socket(DATAGRAMS, PF_UNIX, SOCK_DGRAM, 0)
                && bind(DATAGRAMS, sockaddr_un("$directory/exposures.sock")) || die $!;
            POSIX::dup2(fileno(LISTENER), 23);
            POSIX::dup2(fileno(DATAGRAMS), 24);
            POSIX::dup2(23, 3);
            POSIX::dup2(24, 4);
            @ENV{"LISTEN_FDS", "LISTEN_PID"} = (2, $$);
            exec $command, "--config", $configuration;
            """

        @Test("no tracking id stands in any log or file, nor the header in what a visitor gets")
        func privacy() async throws {
            let site = try OriginSite()
            try await site.deployment.start()
            _ = try await site.page("PLANTED-ID")
            _ = try await site.page("PLANTED-ID", showing: "PLANTED-ID")
            _ = try await site.page(setting: "blaize_tracking_id=PLANTED-ID two; Path=/")
            try await site.expectLog(["default durable": 1, "default outcomes": 1, "default set-cookie": 1])
            let files = try site.deployment.files().merging([
                "responder": site.deployment.responder?.text ?? "",
                "aggregator": site.deployment.aggregator?.text ?? "", "nginx": site.deployment.nginx?.text ?? "",
                "metrics": try await site.deployment.analytics("/metrics").body,
            ]) { $1 }
            for (name, text) in files { #expect(!text.contains("PLANTED-ID"), "\(name)") }
        }

        @Test("with nobody at the socket, no error log has anything of a page view", arguments: Nginx.allCases)
        func privacyWithoutSocket(on version: Nginx) async throws {
            // The site's own log, at Debian's level.
            let site = try OriginSite(version: version) { name, text in
                name == "exposures.conf" ? text + "\nerror_log pages-error.log error;\n" : text
            }
            try await site.deployment.start()
            site.deployment.responder?.signal(SIGTERM)
            await site.deployment.responder?.waitForExit()
            for _ in 0..<20 {
                let page = ConversionRequest(
                    method: "GET", path: "/page", query: "jwt=PLANTED-TOKEN",
                    cookie: "blaize_tracking_id=PLANTED-ID; blaize_session=PLANTED-SESSION",
                    headers: [("Render", OriginSite.outcomes), ("Referer", "https://www.example.com/PLANTED-PAGE")],
                    contentType: nil, body: "")
                #expect(try await site.deployment.send(page).status == 200)
            }
            let main = site.deployment.nginx?.text ?? ""
            #expect(main.contains("connect() failed (2: No such file or directory)"), "the socket is missing")
            #expect(!main.contains("PLANTED") && !main.contains("client: "))
            #expect(try site.deployment.files()["pages-error.log"] == "")
        }
    }
}
