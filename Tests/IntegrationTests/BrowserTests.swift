import Foundation
import Testing

extension IntegrationTests {
    /// Chromium opens every page on made-up data, hostile ids among it: browser.py.
    @Suite("The console in a browser")
    struct BrowserTests {
        @Test(
            "every page, choice and download is right, on a desktop and a telephone, with script and without, and in the dark",
            arguments: ["desktop", "phone", "dark"])
        func everyPage(part: String) async throws {
            let deployment = try await deployment()
            let check = try await Executables.runPython(
                "browser.py", ["check", "http://127.0.0.1:\(deployment.port)/rule-outcomes/console/", part])
            #expect(check.status == 0, "\(check.text)")
        }

        @Test("a result is a picture by the command line, too, and what has none is told")
        func picture() async throws {
            let deployment = try await deployment()
            let picture = try await deployment.run("report", "article-22", "--format", "svg", "--as-of", Self.yesterday)
            #expect(
                picture.status == 0 && picture.text.hasPrefix("<?xml")
                    && picture.text.contains(">Article paywall, autumn<"))
            let strange = try await deployment.run("report", "article-22", "--format", "svg", "--group", "spring")
            #expect(strange.status == 65 && strange.text.contains("article-22 has no group spring; it has: autumn"))
            let alone = try await deployment.run("report", "welcome-4", "--format", "svg")
            #expect(alone.status == 65 && alone.text.contains("welcome-4 has no group in rules.yaml"), "\(alone.text)")
        }

        /// With the demonstration's past, and hostile ids.
        private func deployment() async throws -> Deployment {
            let deployment = try Deployment(nginx: ShippedNginx.readable)
            try deployment.write(try Self.rules(), to: "rules.yaml")
            let configuration = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(configuration + "\nrules: rules.yaml\n", to: "config.yaml")
            let past = try RunningProcess(
                Executables.simulatedPast, [deployment.configurationPath, "--hostile"])
            #expect(await past.waitForExit() == 0, "\(past.text)")
            try await deployment.start()
            return deployment
        }

        private static var yesterday: String {
            Date(timeIntervalSinceNow: -86_400).formatted(.iso8601.year().month().day())
        }

        /// The demonstration's, with the ten outcomes of one rule as a group, and one of the hostile ids.
        private static func rules() throws -> String {
            let url = Executables.repository.appendingPathComponent("nginx/demo.rules.yaml")
            let text = try String(contentsOf: url, encoding: .utf8)
            let place = try #require(text.firstRange(of: "        steps:\n"))
            return text.replacingCharacters(in: place, with: ten + "        steps:\n") + hostile
        }

        /// Weighted by the visitors of a day.
        private static let ten = """
                    groups:
                      offers:
                        outcomes:
                          "graph/1#1,graph/1#2,graph/2#1": 220
                          "graph/1#1,graph/1#2,graph/2#2": 210
                          "graph/1#1,graph/1#2,graph/2#3,graph/3#1": 40
                          "graph/1#1,graph/1#2,graph/2#3,graph/3#2": 60
                          "graph/1#1,graph/1#3,graph/4#1": 150
                          "graph/1#1,graph/1#3,graph/4#2": 90
                          "graph/1#1,graph/1#3,graph/4#3": 70
                          "graph/1#1,graph/1#4,graph/5#1,graph/6#1": 55
                          "graph/1#1,graph/1#5": 120
                          "graph/1#1,graph/1#6,graph/7#1": 25
                        baseline: "graph/1#1,graph/1#2,graph/2#1"
                        conversion: CUSTOMER

            """

        private static let hostile = #"""
                  "<script>document.title='x'</script>":
                    name: "\u202E</text>&#0; ]]> \u2069\uFDFD עברית 👨‍👩‍👧 {{frame.site}} \#(String(repeating: "W", count: 150))"
                    outcomes:
                      "{{frame.site}} &amp; \u202Egraph": "\#(String(repeating: "漢", count: 80))"
                    groups:
                      hostile:
                        outcomes:
                          "\"><img src=x onerror=\"document.title='x'\">,graph/1#2": 1
                          "\"\u0301 autofocus onfocus=\"\u0301document.title='x',graph/1#3": 1
                          "{{frame.site}} &amp; \u202Egraph": 1
                          "\#(String(repeating: "long", count: 250))": 1
                        baseline: "{{frame.site}} &amp; \u202Egraph"
                        conversion: "<b>BOLD</b>"
                        guardrails:
                          "'\u0301 onclick='x": 0.05

            """#
    }
}
