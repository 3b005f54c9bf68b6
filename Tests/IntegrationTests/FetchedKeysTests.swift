import Foundation
import Testing

extension IntegrationTests {
    @Suite("Keys that an identity provider publishes")
    struct FetchedKeysTests {
        private let publisher: KeyPublisher

        init() async throws {
            publisher = try KeyPublisher()
            try await publisher.start()
        }

        @Test("are fetched, and exchanged by a reload, while a token of a key that is gone is refused")
        func rotation() async throws {
            let (old, new) = (SigningKey("old"), SigningKey("new"))
            let deployment = try deployment(publisher.url("set.json?code=s3cret"))
            try await deployment.start()
            // Not fetched yet.
            #expect(try await deployment.status(of: old) == 503)
            let start = deployment.responder?.text ?? ""
            #expect(
                start.contains("'rule-outcomes fetch-keys' writes it, with what \(publisher.url("set.json")) answers"))
            let check = try await deployment.run("check")
            #expect(check.status == 78 && check.text.contains(".jwks.json cannot be opened"), "\(check.text)")

            try publisher.publish(SigningKey.set(old))
            let first = try await fetch(deployment)
            #expect(first.status == 0 && first.text == "site 'default': keys fetched, new: 'old'\n", "\(first.text)")
            #expect(try deployment.mode("keys/\(deployment.keyFile())") == 0o644)
            try await deployment.reload(deployment.responder, saying: "reloaded, for default")
            #expect(try await deployment.status(of: old) == 201)
            #expect(try await deployment.status(of: new) == 401)

            try publisher.publish(SigningKey.set(new))
            let second = try await fetch(deployment)
            #expect(second.text == "site 'default': keys fetched, new: 'new'; gone: 'old'\n")
            #expect(try await deployment.status(of: old) == 201, "the responder reads files when it is told to")
            try await deployment.reload(deployment.responder, saying: "reloaded, for default", times: 2)
            #expect(try await deployment.status(of: new) == 201)
            #expect(try await deployment.status(of: old) == 401)
            #expect(try publisher.asked() == ["/set.json?code=s3cret", "/set.json?code=s3cret"])
            let said = [start, check.text, first.text, second.text, deployment.responder?.text ?? ""].joined()
            #expect(!said.contains("s3cret"))
        }

        @Test("are left alone where they are the same, and nothing else is left in their directory")
        func same() async throws {
            let deployment = try deployment(publisher.url("set.json"))
            try publisher.publish(SigningKey.set(SigningKey("a")))
            #expect(try await fetch(deployment).status == 0)
            let before = try deployment.inode("keys/\(deployment.keyFile())")
            let again = try await fetch(deployment)
            #expect(again.status == 0 && again.text == "")
            #expect(try deployment.inode("keys/\(deployment.keyFile())") == before)
            #expect(try deployment.keyFiles().count == 1)
        }

        @Test(
            "are asked for by a token whose key they lack, and not by each of them, nor by a token that lacks something else"
        )
        func wanted() async throws {
            let (known, unknown) = (SigningKey("known"), SigningKey("unknown"))
            let deployment = try deployment(publisher.url("set.json"))
            try publisher.publish(SigningKey.set(known))
            #expect(try await fetch(deployment).status == 0)
            let directory = deployment.path("run")
            let file = "\(directory)/keys-wanted"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            try await deployment.startAggregator()
            try await deployment.startResponder(environment: ["RUNTIME_DIRECTORY": "\(directory):/nowhere"])
            try await deployment.startNginx()
            #expect(try await deployment.status(of: known) == 201)
            #expect(try await deployment.status(of: SigningKey("known")) == 401, "it is signed by another")
            #expect(!FileManager.default.fileExists(atPath: file))
            #expect(try await deployment.status(of: unknown) == 401)
            #expect(FileManager.default.fileExists(atPath: file))
            try FileManager.default.removeItem(atPath: file)
            #expect(try await deployment.status(of: unknown) == 401)
            #expect(!FileManager.default.fileExists(atPath: file), "five minutes have not passed")
            await deployment.responder?.wait(forText: "asked for key sets")
            #expect(deployment.responder?.text.ranges(of: "asked for key sets to be fetched").count == 1)
        }

        @Test("are no other URL's")
        func exchanged() async throws {
            let key = SigningKey("a")
            let deployment = try deployment(publisher.url("set.json"))
            try publisher.publish(SigningKey.set(key))
            #expect(try await fetch(deployment).status == 0)
            let text = try String(contentsOfFile: deployment.configurationPath, encoding: .utf8)
            try deployment.write(text.replacing("/set.json", with: "/none"), to: "config.yaml")
            #expect(try await fetch(deployment).status == 69)
            try await deployment.start()
            #expect(try await deployment.status(of: key) == 503)
        }

        @Test("may be three redirects away, on the same host", arguments: ["moved", "moved-twice", "moved-thrice"])
        func redirects(name: String) async throws {
            let deployment = try deployment(publisher.url(name))
            try publisher.publish(SigningKey.set(SigningKey("a")))
            let result = try await fetch(deployment)
            #expect(result.status == 0 && result.text.contains("new: 'a'"), "\(result.text)")
        }

        /// What is published under a name, what is said of it, and how that ends. nil is for what is not published.
        private static let refusals: [(String, String?, String)] = [
            ("none.json", nil, "answers 404, not 200"),
            (
                "large.json", "{\"keys\":[],\"x\":\"\(String(repeating: "x", count: 256 << 10))\"}",
                "which may have 256 KiB"
            ),
            ("page.json", "<html>secret</html>", "answers is not a JWKS: "),
            ("cut.json", "{\"keys\":[{\"kid\":\"secret", "answers is not a JWKS: "),
            ("empty.json", "{\"keys\":[]}", "answers holds no key for the algorithms that are allowed"),
            ("other.json", "{\"keys\":[{\"kty\":\"AKP\",\"kid\":\"secret\"}]}", "answers holds no key"),
            ("private.json", "{\"keys\":[\(SigningKey("a").jwk(",\"d\":\"secret\""))]}", "that is a private key"),
            (
                "secret.json", "{\"keys\":[\(SigningKey("a").jwk()),{\"kty\":\"oct\",\"k\":\"secret\"}]}",
                "is a shared secret"
            ),
            ("slow.json", SigningKey.set(SigningKey("a")), "no answer came in time"),
            ("moved-four-times", nil, "redirects more than 3 times"), ("round", nil, "redirects more than 3 times"),
            ("away", nil, "redirects to another host or port, https://127.0.0.1:"),
            ("plain", nil, "redirects to something else than an https URL"),
            ("nowhere", nil, "redirects to something else than an https URL"),
        ]

        @Test("that are of no use leave those that are there, and it is said why", arguments: refusals)
        func refused(name: String, text: String?, words: String) async throws {
            let deployment = try deployment(publisher.url("\(name)?code=secret"))
            // Where a redirect that is not followed would lead.
            try publisher.publish(SigningKey.set(SigningKey("secret")))
            if let text { try publisher.publish(text, as: name) }
            try await expect(deployment, toRefuseWith: words)
        }

        @Test("are taken from nobody whose certificate does not say who it is")
        func certificates() async throws {
            try publisher.publish(SigningKey.set(SigningKey("secret")))
            let words = "the certificate is another host's, or nobody known has signed it"
            let other = try deployment("https://127.0.0.1:\(publisher.port)/set.json")
            try await expect(other, toRefuseWith: words)
            let unknown = try deployment(publisher.url("set.json"))
            try await expect(unknown, toRefuseWith: words, authorities: nil)
            try unknown.write("no certificate", to: "no.pem")
            try await expect(unknown, toRefuseWith: "file of authorities", authorities: unknown.path("no.pem"))
            #expect(try await fetch(unknown).status == 0)
        }

        @Test("of one site are fetched whatever becomes of another's")
        func sites() async throws {
            let closed = try Ports.free()
            let sites = [
                "a": "https://localhost:\(closed)/", "b": publisher.url("set.json"), "c": publisher.url("none"),
            ]
            let deployment = try deployment(sites)
            try publisher.publish(SigningKey.set(SigningKey("k")))
            let result = try await fetch(deployment)
            #expect(result.status == 69)
            #expect(result.text.contains("Error: site 'a': https://localhost:\(closed)/: Connection refused\n"))
            #expect(result.text.contains("site 'b': keys fetched, new: 'k'\n"))
            #expect(result.text.contains("Error: site 'c': \(publisher.url("none")) answers 404"), "\(result.text)")
            #expect(result.text.contains("the keys of 2 of 3 sites are not renewed"), "\(result.text)")
            #expect(try deployment.keyFiles().map { $0.prefix(2) } == ["b."])
            #expect(try await fetch(deployment, "--site", "b").status == 0)
            #expect(try await fetch(deployment, "--site", "none").status == 65)
            // Whose directory is not there.
            try FileManager.default.removeItem(atPath: deployment.path("keys"))
            let unwritten = try await fetch(deployment, "--site", "b")
            #expect(unwritten.status == 74 && unwritten.text.contains("Make the directory"), "\(unwritten.text)")
        }

        @Test("concern no site that names a file")
        func files() async throws {
            let deployment = try Deployment()
            let all = try await deployment.run("fetch-keys")
            #expect(all.status == 0 && all.text == "")
            let one = try await deployment.run("fetch-keys", "--site", "default")
            #expect(one.status == 65 && one.text.contains("names no URL"), "\(one.text)")
        }

        private func deployment(_ url: String) throws -> Deployment {
            try deployment(["default": url])
        }

        private func deployment(_ urls: [String: String]) throws -> Deployment {
            let sites = urls.sorted { $0.key < $1.key }.map { name, url in
                "  \(name): { origins: [], jwt: { jwks: \"\(url)\", algorithms: [EdDSA] } }"
            }
            let deployment = try Deployment(sites: sites.joined(separator: "\n"), responder: "keysDirectory: keys")
            try FileManager.default.createDirectory(
                atPath: deployment.path("keys"), withIntermediateDirectories: true)
            return deployment
        }

        private func fetch(_ deployment: Deployment, _ arguments: String...) async throws -> (
            status: Int32, text: String
        ) {
            try await fetch(deployment, authorities: publisher.authorities, arguments)
        }

        private func fetch(
            _ deployment: Deployment, authorities: String?, _ arguments: [String] = []
        ) async throws -> (status: Int32, text: String) {
            let trust = authorities.map { ["--authorities", $0] } ?? []
            return try await deployment.run(["fetch-keys", "--timeout", "3"] + trust + arguments)
        }

        /// With keys there, and without.
        private func expect(_ deployment: Deployment, toRefuseWith words: String) async throws {
            try await expect(deployment, toRefuseWith: words, authorities: publisher.authorities)
        }

        private func expect(
            _ deployment: Deployment, toRefuseWith words: String, authorities: String?
        ) async throws {
            let check = try await deployment.run("check").text
            let name = try String(#require(check.firstMatch(of: /keys\/(\S+\.jwks\.json)/)).1)
            for earlier in [nil, SigningKey.set(SigningKey("earlier"))] {
                if let earlier { try deployment.write(earlier, to: "keys/\(name)") }
                let result = try await fetch(deployment, authorities: authorities)
                #expect(result.status == 69, "\(result.text)")
                #expect(
                    result.text.hasPrefix("Error: site 'default': ") && result.text.contains(words), "\(result.text)")
                #expect(!result.text.contains("secret?") && !result.text.contains("=secret"), "\(result.text)")
                #expect(!result.text.contains("kid") && !result.text.contains("<html>"), "\(result.text)")
                let file = deployment.path("keys/\(name)")
                #expect((try? String(contentsOfFile: file, encoding: .utf8)) == earlier)
                #expect(try deployment.keyFiles() == (earlier == nil ? [] : [name]))
            }
            try FileManager.default.removeItem(atPath: deployment.path("keys/\(name)"))
        }
    }
}

extension Deployment {
    /// How a conversion with a token of this key's is answered.
    fileprivate func status(of key: SigningKey) async throws -> Int {
        let request = ConversionRequest(cookie: "blaize_tracking_id=visitor", headers: [("X-Zephr-Jwt", key.token())])
        return try await send(request).status
    }

    /// The only one there.
    fileprivate func keyFile() throws -> String {
        let files = try keyFiles()
        try #require(files.count == 1, "\(files)")
        return files[0]
    }

    fileprivate func keyFiles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path("keys")).sorted()
    }

    fileprivate func mode(_ name: String) throws -> mode_t {
        try facts(name).st_mode & 0o7777
    }

    func inode(_ name: String) throws -> ino_t {
        try facts(name).st_ino
    }

    private func facts(_ name: String) throws -> stat {
        var facts = stat()
        try #require(stat(path(name), &facts) == 0)
        return facts
    }
}
