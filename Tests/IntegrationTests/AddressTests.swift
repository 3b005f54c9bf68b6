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
    }
}
