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
    }
}
