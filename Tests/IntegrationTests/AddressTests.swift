import Foundation
import HTTPRequests
import Testing

extension IntegrationTests {
    @Suite("What one address can take from the others")
    struct AddressTests {
        /// http.conf with a rate that does not come back while a test runs, and next to nothing that passes beyond it.
        private static func strict(_ name: String, _ text: String) -> String {
            switch name {
            case "http.conf":
                text.replacing(
                    "zone=rule_outcomes_address:4m rate=20r/s", with: "zone=rule_outcomes_address:4m rate=1r/m")
            case "limits.conf":
                text.replacing("burst=200 ", with: "burst=2 ").replacing("burst=20 ", with: "burst=900 ")
            default: text
            }
        }

        /// The shipped file that a server block includes, and other lines beside it.
        private static func server(_ lines: String) throws -> String {
            try ShippedNginx.text("conversions.conf") + "\n" + lines
        }

        /// Begins so many requests of a kind, and leaves each without the rest of its body.
        private static func begin(
            _ count: Int, _ method: String, at path: String = ConversionRequest.path, from source: String, port: Int
        ) throws -> [VisitorConnection] {
            try (0..<count).map { _ in
                let connection = try VisitorConnection(port: port, from: source)
                try connection.send(
                    """
                    \(method) \(path) HTTP/1.1\r
                    Host: www.example.com\r
                    Content-Type: application/json\r
                    Content-Length: 16000\r
                    \r
                    {
                    """)
                return connection
            }
        }

        @Test(
            "who sends slowly is held to so many requests at once, preflights too, and takes no place from others",
            arguments: Nginx.allCases, ["OPTIONS", "POST"])
        func slowSenders(on version: Nginx, _ method: String) async throws {
            let deployment = try Deployment(version: version)
            try await deployment.start()
            var slow: [VisitorConnection] = []
            for last in 2...5 {
                let one = try Self.begin(60, method, from: "127.0.0.\(last)", port: deployment.port)
                try await eventually("no more than 50 of an address are open", within: .seconds(20)) {
                    one.compactMap(\.statusSoFar) == Array(repeating: 503, count: 10)
                }
                slow += one
            }
            #expect(try deployment.convert(from: "127.0.0.9") == 201)
            for connection in slow where connection.statusSoFar == nil { try connection.send(" ") }
            #expect(try deployment.convert(from: "127.0.0.9") == 201)
            #expect(slow.count { $0.statusSoFar == nil } == 200)
            #expect(try deployment.convert(from: "127.0.0.2") == 503)
        }

        @Test("slow exposures of two addresses take no place from others", arguments: Nginx.allCases)
        func slowExposures(on version: Nginx) async throws {
            let deployment = try Deployment(version: version)
            try await deployment.start()
            let path = ConversionRequest.path.replacing("conversions", with: "exposures")
            var slow: [VisitorConnection] = []
            for source in ["127.0.0.2", "127.0.0.3"] {
                let one = try Self.begin(80, "POST", at: path, from: source, port: deployment.port)
                try await eventually("no more than 75 of an address are open", within: .seconds(20)) {
                    one.compactMap(\.statusSoFar) == Array(repeating: 503, count: 5)
                }
                slow += one
            }
            #expect(try deployment.convert(from: "127.0.0.9") == 201)
            #expect(slow.count { $0.statusSoFar == nil } == 150)
        }

        @Test("no new visitor is 429 because of others whose cookies are longer, or shorter", arguments: Nginx.allCases)
        func cookiesOfAllLengths(on version: Nginx) async throws {
            // Room for some two hundred visitors.
            let site = try ForeignSite(version: version) {
                $0.replacing("zone=rule_outcomes_visitor:4m", with: "zone=rule_outcomes_visitor:32k")
            }
            try await site.start()
            var (statuses, address) = ([Int: Int](), 0)
            for length in [36, 156, 36, 8, 36, 250, 100, 36] {
                for _ in 0..<60 {
                    address += 1
                    let visitor = UUID().uuidString.padding(toLength: length, withPad: UUID().uuidString, startingAt: 0)
                    let answer = try await site.send(
                        site.withToken(visitor: visitor), from: "198.18.\(address / 250).\(address % 250)")
                    statuses[answer.status, default: 0] += 1
                }
            }
            #expect(statuses == [201: 480])
            #expect(site.nginx?.text.contains("could not allocate node") == false)
        }

        @Test("visitors whose long cookies differ only at the end, or only at the beginning, have rates of their own")
        func longCookies() async throws {
            let site = try ForeignSite {
                $0.replacing("zone=rule_outcomes_visitor:4m rate=1r/s", with: "zone=rule_outcomes_visitor:4m rate=1r/m")
            }
            try await site.start()
            let same = String(repeating: "s", count: 100)
            var statuses: [Int] = []
            for number in 0..<25 {
                let request = site.withToken(visitor: "first" + same + "first")
                statuses.append(try await site.send(request, from: "192.0.2.\(number + 1)").status)
            }
            #expect(Set(statuses) == [201, 429])
            for visitor in ["first" + same + "other", "other" + same + "first"] {
                #expect(try await site.send(site.withToken(visitor: visitor), from: "192.0.2.99").status == 201)
            }
        }

        @Test(
            "IPv4 addresses have rates of their own on a socket that takes both kinds", arguments: Nginx.allCases)
        func mappedAddresses(on version: Nginx) async throws {
            let port = try Ports.free()
            let deployment = try Deployment(
                server: try Self.server("listen [::ffff:127.0.0.1]:\(port) ipv6only=off;"), version: version,
                nginx: Self.strict)
            try await deployment.start()
            let statuses = try (0..<6).map { try deployment.convert(from: "127.0.0.2", visitor: "v\($0)", port: port) }
            #expect(statuses == [201, 201, 201, 429, 429, 429])
            #expect(try deployment.convert(from: "127.0.0.3", port: port) == 201)
            // It is the same address, by whichever socket.
            #expect(try deployment.convert(from: "127.0.0.2", visitor: "v6") == 429)
        }

        @Test("IPv6 addresses are rated by their first 64 bits", arguments: Nginx.allCases)
        func networks(on version: Nginx) async throws {
            let realip = "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"
            let deployment = try Deployment(
                server: try Self.server(realip), version: version, nginx: Self.strict)
            try await deployment.start()
            func convert(from address: String) async throws -> Int {
                try await deployment.send(
                    ConversionRequest(
                        cookie: "blaize_tracking_id=\(address); blaize_session=s",
                        headers: [("X-Forwarded-For", address)])
                ).status
            }
            for address in ["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1:ffff:ffff:ffff:ffff"] {
                #expect(try await convert(from: address) == 201)
            }
            #expect(try await convert(from: "2001:db8:1:1:8000::1") == 429)
            #expect(try await convert(from: "2001:db8:1:2::1") == 201)
            #expect(try await convert(from: "2001:db8::1") == 201)
        }

        @Test(
            "this machine's own address may nothing where the request came through a proxy", arguments: Nginx.allCases)
        func proxyOnThisMachine(on version: Nginx) async throws {
            let (both, proxied) = (try Ports.free(), try Ports.free())
            let deployment = try Deployment(
                server: try Self.server(
                    """
                    listen [::ffff:127.0.0.1]:\(both) ipv6only=off;
                    listen [::1]:\(both);
                    listen 127.0.0.1:\(proxied) proxy_protocol;
                    """),
                version: version
            ) { ShippedNginx.readable($0, Self.strict($0, $1)) }
            try await deployment.start()
            let ports = ["127.0.0.1:\(deployment.port)", "127.0.0.1:\(both)", "[::1]:\(both)"]
            func status(
                of request: ConversionRequest, at port: String, _ headers: [(String, String)]
            ) async throws -> Int {
                let message = request.with { $0.headers += headers }.message(to: "http://\(port)")
                return try await TestHTTP.client.send(message).status
            }
            let conversion = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
            let counts = ConversionRequest(
                method: "GET", path: "/rule-outcomes/v1/status", cookie: nil, contentType: nil, body: "")
            for port in ports {
                for _ in 0..<10 { #expect(try await status(of: conversion, at: port, []) == 201, "\(port)") }
                #expect(try await status(of: counts, at: port, []) == 200, "\(port)")
                for header in [
                    ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "192.0.2.1"),
                    ("Forwarded", "for=192.0.2.1"), ("Via", "1.1 varnish"),
                ] {
                    #expect(try await status(of: counts, at: port, [header]) == 403, "\(port) \(header)")
                }
                var statuses: [Int] = []
                for _ in 0..<4 {
                    statuses.append(try await status(of: conversion, at: port, [("Via", "1.1 varnish")]))
                }
                #expect(statuses.last == 429, "\(port) \(statuses)")
            }
            let terminator = try VisitorConnection(port: proxied, from: "127.0.0.1")
            try terminator.send(
                "PROXY TCP4 192.0.2.1 192.0.2.2 5000 443\r\nGET \(counts.path) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(terminator.nextStatus() == 403)
        }

        @Test("kilobytes of headers do not keep nginx busy", arguments: Nginx.allCases)
        func longHeaders(on version: Nginx) async throws {
            let deployment = try Deployment(version: version)
            try await deployment.start()
            let nginx = try #require(deployment.nginx)
            let worker = try #require(RunningProcess.children(of: nginx.processID).first)
            let before = try Self.processorTicks(of: worker)
            for word in ["prefetch", "preview", "|no-consent", "bot|"] {
                let long = String(repeating: word, count: 7500 / word.utf8.count)
                for agent in [long, "nobody's"] {
                    let request = ConversionRequest(
                        headers: ["Sec-Purpose", "Purpose", "X-Purpose"].map { ($0, long) } + [
                            ("X-Moz", "|"), ("User-Agent", agent),
                        ])
                    _ = try await deployment.send(request)
                }
            }
            // Of a hundred a second.
            #expect(try Self.processorTicks(of: worker) - before < 30)
        }

        /// How long a process has had a processor, in hundredths of a second.
        private static func processorTicks(of processID: Int32) throws -> Int {
            let text = try String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
            // Counted from the end of the program's name, which may hold anything.
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            let times = fields.dropFirst(11).prefix(2).compactMap { Int($0) }
            return times.reduce(0, +)
        }
    }
}
