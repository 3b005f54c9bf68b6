import Foundation
import Testing

extension IntegrationTests {
    @Suite("Canaries: what must not be kept, planted everywhere")
    struct CanaryTests {
        @Test(
            "ids, tokens and sessions, planted in every field, are in no answer, file, backup, log, metric, CSV or page",
            arguments: Nginx.allCases)
        func sweep(on version: Nginx) async throws {
            let deployment = try Deployment(version: version)
            try await deployment.start()
            let canaries = Canaries(secret: deployment.secret)
            for request in canaries.requests {
                for method in ["POST", "OPTIONS", "GET"] {
                    let answer = try await deployment.send(request.with { $0.method = method })
                    let text = answer.body + answer.headers.map { "\($0.name): \($0.value)" }.joined()
                    // What else was wrong with a request its answer may quote.
                    #expect(canaries.found(in: text, isAnswer: true).isEmpty, "\(method) \(answer.status)")
                }
            }
            // What has to be found, or the search finds nothing.
            let control = ConversionRequest(
                cookie: "blaize_tracking_id=visitor; blaize_session=s",
                body: ConversionRequest.body(rule: "CONTROL-RULE", conversion: "CONTROL-CONVERSION"))
            #expect(try await deployment.send(control).status == 201)
            try await deployment.waitUntilCounted()
            let places = try await deployment.everythingKept(under: ["CONTROL-RULE", "article-22"])
            for (name, text) in places { #expect(canaries.found(in: text).isEmpty, "\(name)") }
            for name in [
                "data/journal.sqlite-wal", "backup/journal.sqlite", "backup/store.sqlite",
                "/v1/sites/default/outcomes?ruleId=CONTROL-RULE&format=csv",
                "/console/default/rule?ruleId=CONTROL-RULE",
            ] {
                #expect(places[name]?.contains("CONTROL-CONVERSION") == true, "\(name)")
            }
        }
    }
}

/// Texts that stand for what visitors are known by, each of its own, and requests that carry them in every field.
private struct Canaries {
    private static let headers = [
        "User-Agent", "Referer", "Origin", "Content-Type", "Content-Encoding", "X-Forwarded-For", "Accept", "Host-Name",
        "X-Rule-Outcomes-Dry-Run", "Sec-Fetch-Site", "Access-Control-Request-Headers", "X-Request-Id", "Session-Answer",
    ]
    private static let places = ["X-Zephr-Jwt", "X-Blaize-Jwt", "Authorization"]

    let requests: [ConversionRequest]
    private let texts: [String]
    /// Those that came as a header that is none of ours.
    private let headerTexts: Set<String>

    init(secret: String) {
        var texts: [String] = []
        func canary(_ name: String) -> String {
            texts.append("CANARY-\(texts.count)-\(name.uppercased())")
            return texts[texts.count - 1]
        }
        func token(_ secret: String) -> String {
            let token = Tokens.hs256(secret: secret, claims: #"{"sub":"\#(canary("sub"))"}"#)
            // Its claims and its signature tell of it, too.
            texts += token.split(separator: ".").dropFirst().map(String.init)
            return token
        }
        let otherSecret = "another secret, long enough for any hash of them all"
        let plain = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
        var requests = [
            plain.with { $0.cookie = "blaize_tracking_id=\(canary("id")); blaize_session=\(canary("session"))" },
            plain.with { $0.cookie = "blaize_tracking_id=\"\(canary("quoted"))\"; blaize_session=s" },
            plain.with { $0.cookie = "blaize_tracking_id=\(canary("bad")) two\u{7f}; blaize_session=s" },
            plain.with { $0.cookie = "blaize_tracking_id=\(canary("long"))\(String(repeating: "x", count: 300))" },
            plain.with { $0.cookie = "other=\(canary("other")); blaize_tracking_id=visitor; blaize_session=s" },
            plain.with { $0.body = #"{"ruleId": "\#(canary("cut"))"# },
            plain.with { $0.body = #"{"ruleId": ["\#(canary("list"))"], "outcomeId": "o", "conversion": "c"}"# },
            plain.with {
                $0.body.removeLast(); $0.body += #", "email": "\#(canary("member"))"}"#
            },
            plain.with { $0.body = String(repeating: canary("large"), count: 2000) },
            plain.with { $0.query = "jwt=\(token(secret))" },
            plain.with { $0.query = "jwt=\(token(otherSecret))" },
            plain.with { $0.query = "email=\(canary("query"))" },
        ]
        for secret in [secret, otherSecret] {
            requests.append(plain.with { $0.cookie = "blaize_tracking_id=visitor; blaize_jwt=\(token(secret))" })
            for place in Self.places {
                let value = (place == "Authorization" ? "Bearer " : "") + token(secret)
                requests.append(plain.with { $0.headers = [(place, value)] })
            }
        }
        let before = texts.count
        for header in Self.headers { requests.append(plain.with { $0.headers = [(header, canary(header))] }) }
        headerTexts = Set(texts[before...])
        self.requests = requests
        self.texts = texts
    }

    /// Those that stand in it as they are, or as bytes are often written.
    func found(in text: String, isAnswer: Bool = false) -> [String] {
        texts.filter { canary in
            if isAnswer, headerTexts.contains(canary) { return false }
            let base64 = Data(canary.utf8).base64EncodedString().prefix(canary.utf8.count)
            return text.contains(canary) || text.contains(base64)
                || text.contains(canary.utf8.map { String($0, radix: 16) }.joined())
        }
    }
}

extension Deployment {
    /// Every file, a backup of both databases, what all processes wrote, and what can be read of the counts.
    fileprivate func everythingKept(under rules: [String]) async throws -> [String: String] {
        let backup = try backingUp(to: "backup")
        #expect(await backup.waitForExit() == 0, "\(backup.text)")
        var texts: [String: String] = [:]
        for (name, text) in try files() where name != "ids" {
            // The one backup is in a directory that is called by the time.
            texts[name.replacing(/^backup\/[^\/]+\//, with: "backup/")] = text
        }
        texts["output of backup"] = backup.text
        for (name, process) in [("responder", responder), ("aggregator", aggregator), ("nginx", nginx)] {
            texts["output of \(name)"] = process?.text
        }
        var paths = [
            "/metrics", "/v1/status", "/v1/sites", "/v1/sites/default/answers", "/console/default/rules",
            "/console/default/health",
        ]
        for rule in rules {
            paths += ["outcomes", "series", "export"].map { "/v1/sites/default/\($0)?ruleId=\(rule)" }
            paths += ["/v1/sites/default/outcomes?ruleId=\(rule)&format=csv", "/console/default/rule?ruleId=\(rule)"]
        }
        for path in paths {
            let answer = try await analytics(path)
            #expect(answer.status == 200, "\(path)")
            texts[path] = answer.body
        }
        return texts
    }
}
