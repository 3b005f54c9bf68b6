import Foundation
import Testing

extension IntegrationTests {
    @Suite("Telling of what tests have come to")
    struct NotifyTests {
        private struct Received: Decodable {
            struct Body: Decodable {
                let id: String
                let type: String
                let text: String
            }

            let path: String
            let id: String
            let signed: Bool
            let type: String
            let body: Body
        }

        /// The demo's past, with a program and a webhook that are told.
        private func deployment(webhook port: Int) async throws -> Deployment {
            let deployment = try Deployment()
            try deployment.write(
                try String(
                    contentsOf: Executables.repository.appendingPathComponent("nginx/demo.rules.yaml"), encoding: .utf8),
                to: "rules.yaml")
            try configure(
                deployment,
                [
                    "webhook: webhook.url", "webhookSecret: webhook.secret",
                    "console: https://intern.example.com/console/",
                ])
            try deployment.write("https://localhost:\(port)/services/s3cret\n", to: "webhook.url")
            let secret = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
            try deployment.write("whsec_\(secret)\n", to: "webhook.secret")
            let past = try RunningProcess(Executables.simulatedPast, [deployment.configurationPath])
            #expect(await past.waitForExit() == 0, "\(past.text)")
            try await deployment.startAggregator()
            return deployment
        }

        /// With `rules.yaml`, and a program that is told, besides these lines of `notify`.
        private func configure(_ deployment: Deployment, _ lines: [String] = []) throws {
            let command = "command: [/bin/sh, -c, 'cat >> \"$0\"', \(deployment.path("told"))]"
            let notify =
                (["", "rules: rules.yaml", "notify:"]
                    + ([command, "stateDirectory: notices"] + lines).map { "  \($0)" })
            let configuration = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(configuration + notify.joined(separator: "\n") + "\n", to: "config.yaml")
            try FileManager.default.createDirectory(
                atPath: deployment.path("notices"), withIntermediateDirectories: false)
        }

        private func receiver(_ deployment: Deployment, port: Int) async throws -> RunningProcess {
            let certificates = URL(fileURLWithPath: deployment.path("tls"))
            if !FileManager.default.fileExists(atPath: certificates.path) {
                try Certificates.make(for: "localhost", in: certificates)
            }
            let script = Executables.repository.appendingPathComponent("Tests/IntegrationTests/receiver.py").path
            let process = try RunningProcess(
                URL(fileURLWithPath: "/usr/bin/python3"),
                [
                    "-B", script, "\(port)", certificates.path, deployment.path("webhook.secret"),
                    deployment.path("received"),
                ])
            await process.wait(forText: "listening")
            return process
        }

        private func received(_ deployment: Deployment) throws -> [Received] {
            let lines = (try? String(contentsOfFile: deployment.path("received"), encoding: .utf8)) ?? ""
            return try lines.split(separator: "\n").map { try JSONDecoder().decode(Received.self, from: Data($0.utf8)) }
        }

        private func told(_ deployment: Deployment) -> [Substring] {
            ((try? String(contentsOfFile: deployment.path("told"), encoding: .utf8)) ?? "").split(separator: "\n")
        }

        private func notify(_ deployment: Deployment, _ arguments: String...) async throws -> (
            status: Int32, text: String
        ) {
            try await deployment.run(["notify", "--authorities", deployment.path("tls/fullchain.pem")] + arguments)
        }

        @Test(
            "each is told once by program and webhook, signed; what a webhook does not take is told later, and over restarts once"
        )
        func once() async throws {
            let port = try Ports.free()
            let deployment = try await deployment(webhook: port)
            let first = try await receiver(deployment, port: port)
            let check = try await deployment.run("check")
            #expect(check.status == 0, "\(check.text)")

            let dry = try await notify(deployment, "--dry-run")
            #expect(dry.status == 0 && dry.text.contains(" is better than "), "\(dry.text)")
            #expect(try received(deployment).isEmpty && told(deployment).isEmpty)

            try deployment.write("503", to: "received.status")
            let refused = try await notify(deployment)
            #expect(refused.status == 69 && refused.text.contains("answers 503, not 200 to 299"), "\(refused.text)")
            #expect(refused.text.contains("told by a later run") && !refused.text.contains("s3cret"), "\(refused.text)")
            // The program is told all the same, a line of text and one of JSON each.
            let texts = told(deployment).enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
            let tried = try received(deployment)
            #expect(texts.count > 1 && tried.count == min(texts.count, 3))

            first.signal(SIGKILL)
            await first.waitForExit()
            let gone = try await notify(deployment)
            #expect(gone.status == 69, "\(gone.text)")

            try FileManager.default.removeItem(atPath: deployment.path("received.status"))
            let second = try await receiver(deployment, port: port)
            #expect(try await notify(deployment) == (0, ""))
            #expect(try await notify(deployment) == (0, ""))
            let all = try received(deployment)
            #expect(all.count == tried.count + texts.count && all.allSatisfy { $0.signed && $0.id == $0.body.id })
            #expect(all.allSatisfy { $0.path == "/services/s3cret" && $0.type == "application/json" })
            // What was refused came again under its id.
            let accepted = all.dropFirst(tried.count)
            #expect(
                Set(accepted.map(\.id)).count == texts.count && Set(tried.map(\.id)).isSubset(of: accepted.map(\.id)))
            #expect(Set(accepted.map { $0.body.text[...] }) == Set(texts))
            #expect(told(deployment).count == 2 * texts.count)
            #expect(
                all.contains {
                    $0.body.type == "verdict"
                        && $0.body.text.contains("https://intern.example.com/console/default/rule?ruleId=")
                })

            #expect(try await notify(deployment, "--test") == (0, ""))
            #expect(try received(deployment).last?.body.type == "test" && told(deployment).count == 2 * texts.count + 2)
            second.signal(SIGKILL)
            await second.waitForExit()
        }

        @Test(
            "a test that never had a record is told of once it was found so for the quiet hours, and one that is decided never"
        )
        func unseen() async throws {
            let deployment = try Deployment()
            let group = "groups: {g: {outcomes: {a: 1, b: 1}, baseline: a, conversion: CUSTOMER}}"
            try deployment.write(
                """
                sites:
                  default:
                    rules:
                      later: {\(group)}
                      over: {\(group), decision: none, decided: 2026-11-30}
                      named: {name: Not a test}

                """, to: "rules.yaml")
            try configure(deployment)
            try await deployment.startAggregator()
            #expect(try await deployment.run("notify") == (0, ""))
            #expect(told(deployment).isEmpty)

            let ledger = try String(contentsOfFile: deployment.path("notices/notices.json"), encoding: .utf8)
            try deployment.write(
                ledger.replacing(/"since":\d+/, with: #""since":0"#), to: "notices/notices.json")
            for _ in 0..<2 {
                #expect(try await deployment.run("notify") == (0, ""))
                #expect(told(deployment).count == 2 && told(deployment).first?.hasPrefix("“later”: no record") == true)
            }
        }

        @Test("where nobody is to be told nothing is done, and a test of it says so")
        func nobody() async throws {
            let deployment = try Deployment()
            #expect(try await deployment.run("notify") == (0, ""))
            let test = try await deployment.run("notify", "--test")
            #expect(test.status == 78 && test.text.contains("has no section `notify`"), "\(test.text)")
        }
    }
}
