import Foundation
import Testing

extension IntegrationTests {
    @Suite("FastCGI connections, kept and other")
    struct ConnectionTests {
        @Test("a kept connection serves request after request; one not to be kept is closed after its answer")
        func keptAndOther() async throws {
            let deployment = try Deployment()
            try await deployment.startAggregator()
            try await deployment.startResponder()
            let kept = try FastCGIConnection(unix: deployment.path("responder.sock"))
            for _ in 0..<20 {
                try kept.send(FastCGIBytes.request())
                #expect(kept.answer()?.hasPrefix("Status: 201") == true)
            }
            let other = try FastCGIConnection(unix: deployment.path("responder.sock"))
            try other.send(FastCGIBytes.request(keepsConnection: false))
            #expect(other.answer()?.hasPrefix("Status: 201") == true)
            #expect(other.answer() == nil)
            #expect(try await deployment.counts().map(\.events) == [21])
        }

        @Test("nginx that keeps no connections is served too")
        func nginxWithoutKeepalive() async throws {
            let deployment = try Deployment(nginx: { $1.replacing("fastcgi_keep_conn on;", with: "") })
            try await deployment.start()
            for _ in 0..<20 {
                let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
                #expect(try await deployment.send(request).status == 201)
            }
        }

        @Test("2,000 connections stay open, idle, and every further request is answered")
        func manyConnections() async throws {
            TestLimits.raiseDescriptorLimit()
            let deployment = try Deployment()
            try await deployment.start()
            let idle = try (0..<2_000).map { _ in try FastCGIConnection(unix: deployment.path("responder.sock")) }
            for connection in [idle[0], idle[1_500], idle[1_999]] {
                try connection.send(FastCGIBytes.request())
                #expect(connection.answer()?.hasPrefix("Status: 201") == true)
            }
            let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
            #expect(try await deployment.send(request).status == 201)
        }

        @Test("for a connection over connectionsMax the longest unused one is closed")
        func connectionsMax() async throws {
            let deployment = try Deployment(responder: "connectionsMax: 10")
            try await deployment.startAggregator()
            try await deployment.startResponder()
            let idle = try (0..<10).map { _ in try FastCGIConnection(unix: deployment.path("responder.sock")) }
            try idle[9].send(FastCGIBytes.request())
            #expect(idle[9].answer() != nil)
            let waiting = try FastCGIConnection(unix: deployment.path("responder.sock"))
            try waiting.send(FastCGIBytes.request())
            #expect(waiting.answer()?.hasPrefix("Status: 201") == true)
            await deployment.responder?.wait(forText: "the longest unused is closed")
            #expect(idle[0].answer() == nil)
            try idle[9].send(FastCGIBytes.request())
            #expect(idle[9].answer()?.hasPrefix("Status: 201") == true)
        }

        @Test("parameters over 64 KiB are a 431, which nginx itself cannot send")
        func parametersTooLarge() async throws {
            let deployment = try Deployment(listen: "tcp:127.0.0.1:\(try Ports.free())")
            try await deployment.startAggregator()
            try await deployment.startResponder()
            let connection = try FastCGIConnection(port: try deployment.responderPort())
            let filler = String(repeating: "x", count: 33_000)
            try connection.send(FastCGIBytes.request(parameters: [("HTTP_A", filler), ("HTTP_B", filler)]))
            #expect(connection.answer()?.hasPrefix("Status: 431") == true)
        }

        @Test("a body over the limit is a 413 from the responder, and its connection is closed")
        func bodyTooLarge() async throws {
            let deployment = try Deployment()
            try await deployment.startAggregator()
            try await deployment.startResponder()
            let connection = try FastCGIConnection(unix: deployment.path("responder.sock"))
            try connection.send(FastCGIBytes.request(body: String(repeating: " ", count: 20_000)))
            #expect(connection.answer()?.hasPrefix("Status: 413") == true)
            #expect(connection.answer() == nil)
        }

        @Test("a body that reads as FastCGI records is a body, through nginx and directly")
        func smuggling() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let smuggled = FastCGIBytes.request(body: ConversionRequest.body(conversion: "SMUGGLED"))
            let text = String(decoding: smuggled.map { $0 < 0x80 ? $0 : 0x20 }, as: UTF8.self)
            for _ in 0..<5 {
                let crafted = ConversionRequest(cookie: "blaize_tracking_id=v; blaize_session=s", body: text)
                #expect(try await deployment.send(crafted).status == 400)
                let honest = crafted.with { $0.body = ConversionRequest.body() }
                #expect(try await deployment.send(honest).status == 201)
            }
            let direct = try FastCGIConnection(unix: deployment.path("responder.sock"))
            // CONTENT_LENGTH says less than the stream holds: the rest is never taken for a request.
            let cut = FastCGIBytes.request(parameters: [("CONTENT_LENGTH", "10")], body: text)
            try direct.send(cut)
            #expect(direct.answer()?.hasPrefix("Status: 400") == true)
            #expect(direct.answer() == nil)
            #expect(try await deployment.counts().map(\.conversion) == ["REGISTERED"])
        }

        @Test("a responder listens on TCP for nginx")
        func tcp() async throws {
            let port = try Ports.free()
            let deployment = try Deployment(listen: "tcp:127.0.0.1:\(port)", upstream: "127.0.0.1:\(port)")
            try await deployment.start()
            let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
            #expect(try await deployment.send(request).status == 201)
        }

        @Test("a responder started by spawn-fcgi serves on descriptor 0")
        func spawnFCGI() async throws {
            let deployment = try Deployment(listen: "inherited")
            try await deployment.startAggregator()
            let spawned = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/spawn-fcgi"),
                [
                    "-n", "-s", deployment.path("responder.sock"), "--", Executables.responder.path, "--config",
                    deployment.configurationPath,
                ])
            defer { spawned.signal(SIGTERM) }
            await spawned.wait(forText: "connected to the aggregator")
            await spawned.wait(forText: "listening on descriptor 0")
            #expect(spawned.text.contains("listening on descriptor 0"), "\(spawned.text)")
            try await deployment.startNginx()
            let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
            #expect(try await deployment.send(request).status == 201)
        }

        @Test("a responder takes the socket that systemd passes in LISTEN_FDS")
        func listenFDS() async throws {
            let deployment = try Deployment(listen: "inherited")
            try await deployment.startAggregator()
            // spawn-fcgi opens the socket as descriptor 0; the shell hands it on as systemd does.
            let spawned = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/spawn-fcgi"),
                [
                    "-n", "-s", deployment.path("responder.sock"), "--", "/bin/sh", "-c",
                    "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" --config \"$1\"",
                    Executables.responder.path, deployment.configurationPath,
                ])
            defer { spawned.signal(SIGTERM) }
            await spawned.wait(forText: "listening on descriptor 3 (LISTEN_FDS)")
            await spawned.wait(forText: "connected to the aggregator")
            let connection = try FastCGIConnection(unix: deployment.path("responder.sock"))
            try connection.send(FastCGIBytes.request())
            #expect(connection.answer()?.hasPrefix("Status: 201") == true)
        }
    }
}

enum TestLimits {
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
