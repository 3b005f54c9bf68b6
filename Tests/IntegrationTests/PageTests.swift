import Foundation
import Testing

extension IntegrationTests {
    @Suite("The client for pages")
    struct PageTests {
        private static let client = ConversionRequest(
            method: "GET", path: "/rule-outcomes/client.js", cookie: nil, contentType: nil)

        /// Chromium and Firefox open pages that use it: pages.py.
        @Test("who saw what, and who converted, is counted once, whatever becomes of page, network and consent")
        func browsers() async throws {
            let origin = try Ports.free()
            let server = "\nlocation / { proxy_pass http://127.0.0.1:\(origin); }"
            let deployment = try Deployment(
                server: try ShippedNginx.text("conversions.conf") + server, nginx: ShippedNginx.readable)
            let configuration = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            let origins = ["www", "shop"].map { "http://\($0).site.localhost:\(deployment.port)" }
            try deployment.write(
                configuration.replacing(
                    "[https://www.example.com]", with: "[\(origins.joined(separator: ", "))]")
                    + "\nrules: rules.yaml\n", to: "config.yaml")
            try deployment.write(
                """
                sites:
                  default:
                    features: {feature-chromium: counted-chromium, feature-firefox: counted-firefox}
                    rules: {counted-chromium: , counted-firefox: }
                """, to: "rules.yaml")
            try await deployment.start()
            let pages = try await Executables.runPython("pages.py", ["\(deployment.port)", "\(origin)"])
            #expect(pages.status == 0, "\(pages.text)")
        }

        @Test("nginx serves it as a script that is small, kept for a while and asked for again, and as nothing else")
        func served() async throws {
            let site = try ForeignSite()
            try await site.start()
            let answer = try await site.send(Self.client)
            #expect(answer.status == 200)
            #expect(try answer.body == ShippedNginx.text("client.js"))
            let ours = Set(answer.headers.map { $0.name.lowercased() }).subtracting([
                "date", "server", "content-length",
            ])
            #expect(
                ours == [
                    "content-type", "last-modified", "vary", "etag", "cache-control", "x-content-type-options",
                    "cross-origin-resource-policy", "accept-ranges",
                ])
            #expect(answer.headers["Content-Type"] == ["text/javascript"])
            #expect(answer.headers["X-Content-Type-Options"] == ["nosniff"])
            #expect(answer.headers["Cache-Control"] == ["public, max-age=3600"])
            let tag = try #require(answer.headers.first(name: "ETag"))
            let same = try await site.send(Self.client.with { $0.headers = [("If-None-Match", tag)] })
            #expect(same.status == 304)
            #expect(try await site.send(Self.client.with { $0.method = "POST" }).status == 405)
        }

        @Test("it is as small as docs/integrate.md says")
        func size() async throws {
            let deployment = try Deployment()
            try await deployment.startNginx()
            let address = "http://127.0.0.1:\(deployment.port)\(Self.client.path)"
            let curl = try RunningProcess(
                Executables.shell,
                ["-c", "curl -s -o /dev/null -w '%{size_download}' -H 'Accept-Encoding: gzip' \(address)"])
            await curl.waitForExit()
            await curl.waitForEnd()
            let bytes = try #require(Double(curl.text), "\(curl.text)")
            let guide = try String(
                contentsOf: Executables.repository.appendingPathComponent("docs/integrate.md"), encoding: .utf8)
            let said = try #require(guide.firstMatch(of: /([0-9.]+) kB with gzip/)?.1)
            #expect(String(format: "%.1f", bytes / 1000) == said)
        }
    }
}
