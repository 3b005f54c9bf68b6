import Testing

extension IntegrationTests {
    @Suite("The answers table through nginx")
    struct AnswerTests {
        @Test("each row has its status, an explanation, and leaves nothing recorded")
        func rows() async throws {
            let deployment = try Deployment(
                sites: Deployment.openSite + """

                      off:
                        analytics: false
                        origins: [https://www.example.com]
                        session: presence
                    """, server: try Self.server())
            try await deployment.start()
            let base = ConversionRequest(
                cookie: "blaize_tracking_id=visitor; blaize_session=s", headers: [("Origin", "https://www.example.com")]
            )
            let large = String(repeating: "x", count: 17_000)
            let rows: [(Int, String, ConversionRequest)] = [
                (404, "path", base.with { $0.path = "/elsewhere" }),
                (500, "unknown site", base.with { $0.path = "/unknown-site" }),
                (405, "method", base.with { $0.method = "PUT" }),
                (404, "analytics off", base.with { $0.path = "/off" }),
                (403, "origin", base.with { $0.headers = [("Origin", "https://evil.example")] }),
                (403, "null origin", base.with { $0.headers = [("Origin", "null")] }),
                (403, "cross-site", base.with { $0.headers = [("Sec-Fetch-Site", "cross-site")] }),
                (204, "excluded", base.with { $0.path = "/excluded" }),
                (415, "no content type", base.with { $0.contentType = nil }),
                (415, "other content type", base.with { $0.contentType = "application/xml" }),
                (413, "size", base.with { $0.body = large }),
                (413, "size over what nginx hands on", base.with { $0.body = large + large + large + large }),
                (
                    403, "an origin that is none",
                    base.with { $0.headers = [("Origin", "https://" + large.prefix(7_000))] }
                ),
                (415, "compressed", base.with { $0.headers = [("Content-Encoding", "gzip")] }),
                (400, "not JSON", base.with { $0.body = "{" }),
                (200, "dry run", base.with { $0.headers = [("X-Rule-Outcomes-Dry-Run", "1")] }),
                (400, "duplicate member", base.with { $0.body = #"{"ruleId":"a","ruleId":"b"}"# }),
                (400, "field missing", base.with { $0.body = #"{"ruleId":"a","outcomeId":"b"}"# }),
                (400, "no tracking id", base.with { $0.cookie = "blaize_session=s" }),
                (400, "tracking id no cookie", base.with { $0.cookie = "blaize_session=s; blaize_tracking_id=a b" }),
                (401, "no credential", base.with { $0.cookie = "blaize_tracking_id=visitor" }),
                (204, "preflight", base.with { $0.method = "OPTIONS" }),
            ]
            for (status, name, request) in rows {
                let answer = try await deployment.send(request)
                #expect(answer.status == status, "\(name): \(answer.body)")
                let vary = name == "preflight" ? "Origin, Access-Control-Request-Headers" : "Origin"
                #expect(answer.headers.first(name: "Vary") == vary, "\(name)")
                #expect((answer.headers.first(name: "X-Rule-Outcomes-Excluded") == "bot") == (name == "excluded"))
                if status >= 400 {
                    #expect(answer.headers.first(name: "Content-Type") == "text/plain; charset=utf-8", "\(name)")
                    #expect(answer.headers.first(name: "X-Content-Type-Options") == "nosniff", "\(name)")
                    #expect(answer.headers.first(name: "Cache-Control") == "no-store", "\(name)")
                    #expect(answer.body.hasSuffix("\n") && answer.body.count > 10, "\(name)")
                }
            }
            #expect(try await deployment.counts() == [])
            #expect(try await deployment.send(base).status == 201)
        }

        @Test("a body that is too large and comes in chunks is a 413 each time, whatever nginx was still sending")
        func chunked() async throws {
            // The shipped files let nginx itself refuse them; a site of other files need not.
            let deployment = try Deployment(nginx: {
                $1.replacing("body_size 16k;", with: "body_size 64k;")
                    .replacing("body_buffer_size 16k;", with: "body_buffer_size 64k;")
            })
            try await deployment.start()
            let request = ConversionRequest(
                cookie: "blaize_tracking_id=visitor; blaize_session=s",
                headers: [("Origin", "https://www.example.com")],
                body: String(repeating: "x", count: 60_000), isChunked: true)
            var answers: [String: Int] = [:]
            for _ in 0..<200 {
                let answer = try await deployment.send(request)
                // nginx's own 413 exposes less.
                let exposed = answer.headers.first(name: "Access-Control-Expose-Headers") ?? ""
                answers["\(answer.status) \(exposed)", default: 0] += 1
            }
            #expect(answers == ["413 Retry-After, X-Rule-Outcomes-Excluded": 200])
            #expect(try await deployment.send(request.with { $0.body = ConversionRequest.body() }).status == 201)
        }

        @Test("an array of exposures is one request, and counted outcome by outcome")
        func batch() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let exposures = (0..<64).map { #"{"ruleId": "article-22", "outcomeId": "graph/1#\#($0)"}"# }
            let request = ConversionRequest(
                path: "/zephr/public/rule-outcomes/v1/exposures",
                cookie: "blaize_tracking_id=visitor; blaize_session=s",
                body: "[\(exposures.joined(separator: ","))]")
            for _ in 0..<2 { #expect(try await deployment.send(request).status == 201) }
            _ = try await deployment.counts()
            let report = try await deployment.analytics("/v1/sites/default/outcomes?ruleId=article-22&format=csv")
            #expect(report.body.split(whereSeparator: \.isNewline).count == 1 + 64)
        }

        @Test("a missing tracking id is answered in the documented words")
        func documentedWords() async throws {
            let deployment = try Deployment()
            try await deployment.start()
            let answer = try await deployment.send(
                ConversionRequest(cookie: "blaize_session=s", body: ConversionRequest.body(outcome: "graph/1#1")))
            #expect(answer.status == 400)
            #expect(
                answer.body == "Failed recording conversion REGISTERED for rule ID article-22 "
                    + "and outcome ID graph/1#1 due to missing user tracking ID\n")
        }

        @Test("with the aggregator away a conversion is a 503 that says when to try again, and is not counted")
        func aggregatorAway() async throws {
            let deployment = try Deployment(responder: "deadlineMilliseconds: 1000")
            try await deployment.start()
            deployment.aggregator?.signal(9)
            _ = await deployment.aggregator?.waitForExit()
            let request = ConversionRequest(cookie: "blaize_tracking_id=visitor; blaize_session=s")
            for _ in 0..<3 {
                let answer = try await deployment.send(request)
                #expect(answer.status == 503)
                #expect(answer.headers.first(name: "Retry-After") != nil)
            }
            try await deployment.startAggregator()
            await deployment.responder?.wait(forText: "connected to the aggregator at", times: 2)
            #expect(try await deployment.send(request).status == 201)
            #expect(try await deployment.counts().map(\.visitors) == [1])
        }

        /// Locations for the rows that depend on what nginx hands down, beside the shipped one.
        private static func server() throws -> String {
            func location(_ path: String, _ parameters: String, documentURI: String = ConversionRequest.path) -> String
            {
                """
                location = \(path) {
                    fastcgi_pass rule_outcomes;
                    fastcgi_keep_conn on;
                    fastcgi_param DOCUMENT_URI \(documentURI);
                    fastcgi_param REQUEST_ID $request_id;
                    fastcgi_param REQUEST_METHOD $request_method;
                    fastcgi_param CONTENT_TYPE $content_type;
                    fastcgi_param CONTENT_LENGTH $content_length;
                    \(parameters)
                }

                """
            }
            return try ShippedNginx.text("conversions.conf")
                + location("/elsewhere", "", documentURI: "/elsewhere")
                + location("/unknown-site", "fastcgi_param SITE nowhere;")
                + location("/off", "fastcgi_param SITE off;")
                + location("/excluded", "fastcgi_param RULE_OUTCOMES_EXCLUDE bot;")
        }
    }
}
