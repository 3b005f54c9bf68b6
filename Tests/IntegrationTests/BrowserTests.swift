import Foundation
import Testing

extension IntegrationTests {
    /// Chromium opens every page on made-up data, hostile ids among it: browser.py.
    @Suite("The console in a browser")
    struct BrowserTests {
        @Test("every page, choice and download is right, on a desktop and a telephone, with script and without")
        func everyPage() async throws {
            let deployment = try Deployment(nginx: ShippedNginx.readable)
            try deployment.write(
                try String(
                    contentsOf: Executables.repository.appendingPathComponent("nginx/demo.rules.yaml"), encoding: .utf8),
                to: "rules.yaml")
            let configuration = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(configuration + "\nrules: rules.yaml\n", to: "config.yaml")
            let past = try RunningProcess(
                Executables.simulatedPast, [deployment.configurationPath, "--hostile"])
            #expect(await past.waitForExit() == 0, "\(past.text)")
            try await deployment.start()
            let check = try await Executables.runPython(
                "browser.py", ["check", "http://127.0.0.1:\(deployment.port)/rule-outcomes/console/"])
            #expect(check.status == 0, "\(check.text)")
        }
    }
}
