import Testing

extension IntegrationTests {
    @Suite("The six credentials through nginx")
    struct CredentialTests {
        @Test("each is enough by itself, and each conversion is counted once")
        func eachIsEnough() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let token = Tokens.hs256(secret: deployment.secret)
            let requests: [(String, ConversionRequest)] = [
                ("session cookie", request(1).with { $0.cookie? += "; blaize_session=some-session" }),
                ("query", request(2).with { $0.query = "jwt=\(token)" }),
                ("X-Blaize-Jwt", request(3).with { $0.headers = [("X-Blaize-Jwt", token)] }),
                ("X-Zephr-Jwt", request(4).with { $0.headers = [("X-Zephr-Jwt", token)] }),
                ("bearer", request(5).with { $0.headers = [("Authorization", "Bearer \(token)")] }),
                ("JWT cookie", request(6).with { $0.cookie? += "; blaize_jwt=\(token)" }),
            ]
            for (name, request) in requests {
                let answer = try await deployment.send(request)
                #expect(answer.status == 201, "\(name): \(answer.body)")
                #expect(answer.body.isEmpty)
            }
            let rows = try await deployment.counts()
            #expect(rows.map(\.visitors) == [6])
            #expect(rows.map(\.events) == [6])
        }

        @Test("a forged, expired or unsigned token is refused, and one good credential among bad ones is enough")
        func badOnes() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let bad = [
                Tokens.hs256(secret: "not the site's secret, but as long as that one"),
                Tokens.hs256(secret: deployment.secret, claims: #"{"exp":1000}"#),
                Tokens.hs256(secret: deployment.secret, header: #"{"alg":"none"}"#),
                "not.a.token",
            ]
            for token in bad {
                let answer = try await deployment.send(request(1).with { $0.headers = [("X-Zephr-Jwt", token)] })
                #expect(answer.status == 401)
                #expect(answer.headers.first(name: "WWW-Authenticate")?.hasPrefix("Bearer error=") == true)
                #expect(!answer.body.contains(token))
            }
            let good = Tokens.hs256(secret: deployment.secret)
            let both = request(1).with { $0.headers = [("X-Zephr-Jwt", bad[0]), ("Authorization", "Bearer \(good)")] }
            #expect(try await deployment.send(both).status == 201)
        }

        @Test("what verifies is not up to the machine's OpenSSL, though a secret is longer than a hash's block")
        func openSSLConfiguration() async throws {
            let deployment = try Deployment()
            let secret = String(repeating: "a secret that is long ", count: 10)
            try deployment.write(secret, to: "jwt.secret")
            // Of all providers this names the one alone that has no SHA-256.
            try deployment.write(
                """
                openssl_conf = init
                [init]
                providers = providers
                [providers]
                legacy = legacy
                [legacy]
                activate = 1
                """, to: "openssl.cnf")
            try await deployment.startAggregator()
            try await deployment.startResponder(environment: ["OPENSSL_CONF": deployment.path("openssl.cnf")])
            try await deployment.startNginx()
            let good = request(1).with { $0.headers = [("X-Zephr-Jwt", Tokens.hs256(secret: secret))] }
            #expect(try await deployment.send(good).status == 201)
        }

        @Test("two sites with different keys share a responder and never a token or a count")
        func twoSites() async throws {
            let deployment = try Deployment(
                sites: """
                      one:
                        origins: []
                        jwt: { secret: jwt.secret, algorithms: [HS256] }
                      two:
                        origins: []
                        jwt: { secret: two.secret, algorithms: [HS256] }
                    """,
                server: """
                    fastcgi_param SITE $arg_site;
                    location / {
                        fastcgi_pass rule_outcomes;
                        fastcgi_param SITE $arg_site;
                        fastcgi_param REQUEST_ID $request_id;
                        fastcgi_param REQUEST_METHOD $request_method;
                        fastcgi_param DOCUMENT_URI $document_uri;
                        fastcgi_param CONTENT_TYPE $content_type;
                        fastcgi_param CONTENT_LENGTH $content_length;
                    }
                    """)
            let secretOfTwo = "the second site's secret, long enough for any hash"
            try deployment.write(secretOfTwo, to: "two.secret")
            try await deployment.start()
            let tokens = ["one": Tokens.hs256(secret: deployment.secret), "two": Tokens.hs256(secret: secretOfTwo)]
            for (site, keyHolder, status) in [
                ("one", "one", 201), ("two", "two", 201), ("one", "two", 401), ("two", "one", 401),
                ("three", "one", 500),
                ("", "one", 500),
            ] {
                let answer = try await deployment.send(
                    request(1).with {
                        $0.query = "site=\(site)"
                        $0.headers = [("X-Zephr-Jwt", tokens[keyHolder] ?? "")]
                    })
                #expect(answer.status == status, "site \(site), token of \(keyHolder): \(answer.body)")
            }
            #expect(try await deployment.counts(site: "one").map(\.events) == [1])
            #expect(try await deployment.counts(site: "two").map(\.events) == [1])
            let log = deployment.responder?.text ?? ""
            #expect(log.contains("fastcgi_param SITE"))
        }

        private func request(_ visitor: Int) -> ConversionRequest {
            ConversionRequest(cookie: "blaize_tracking_id=visitor-\(visitor)")
        }
    }
}
