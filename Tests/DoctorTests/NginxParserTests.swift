import Testing

@testable import Doctor

@Suite("nginx's configuration, as nginx -T writes it")
struct NginxParserTests {
    private func directives(_ text: String) -> [NginxDirective] {
        var parser = NginxParser(text.utf8, file: "a.conf")
        return parser.directives()
    }

    @Test("Directives have arguments, blocks and lines; comments and blanks say nothing")
    func shapes() {
        let found = directives(
            """
            # a comment; { with signs }
            user www-data;
            http { server { listen 80 default_server; } # behind
            }
            """)
        #expect(found.map(\.name) == ["user", "http"])
        #expect(found[0].arguments == ["www-data"] && found[0].block == nil && found[0].place == "a.conf:2")
        #expect(found[1].first("server")?.first("listen")?.arguments == ["80", "default_server"])
        #expect(found[1].first("server")?.line == 3)
    }

    @Test(
        "Quotes, backslashes and braces in a word are the word's",
        arguments: [
            (#"a "b c" 'd;e' ;"#, ["b c", "d;e"]), (#"a "say \"so\"" x\ty;"#, [#"say "so""#, "x\ty"]),
            (#"a ~^/x\.y$ "{}";"#, [#"~^/x\.y$"#, "{}"]), ("a x${name}y z#w;", ["x${name}y", "z#w"]),
            ("a 'line\nline' b;", ["line\nline", "b"]),
        ])
    func words(text: String, arguments: [String]) {
        #expect(directives(text).map(\.arguments) == [arguments])
    }

    @Test("Another language's program is passed over, whatever stands in it")
    func programs() {
        let found = directives("content_by_lua_block { if x then return { a = ';' } end } root /;")
        #expect(found.map(\.name) == ["content_by_lua_block", "root"])
    }

    @Test(
        "What is cut off or out of place ends nothing", arguments: ["a", "a {", "a { b", "} c;", "'", "a \\", "{};;}"])
    func broken(text: String) {
        _ = directives(text)
    }
}

@Suite("What nginx goes by, all files together")
struct NginxConfigurationTests {
    private static let dump = """
        # configuration file /etc/nginx/nginx.conf:
        user www-data;
        http {
            include conf.d/*.conf;
            include /etc/nginx/sites/a;
            include missing/*;
        }
        # configuration file /etc/nginx/conf.d/b.conf:
        map $server_name $oc_site { default x; www.example.com y; ~^m z; }
        map $server_name $plain { hostnames; default d; A.example e; t $uri; }
        upstream rule_outcomes { server unix:/run/r.sock max_conns=7; server 127.0.0.1:9; }
        # configuration file /etc/nginx/conf.d/sub/c.conf:
        root /never;
        # configuration file /etc/nginx/sites/a:
        server { include /etc/nginx/sites/a; server_name a.example; }

        """

    private let nginx = NginxConfiguration(dump: dump)

    @Test("An include is what its files hold, in the place where it stands; one that includes itself ends")
    func includes() {
        #expect(nginx.root.first("user")?.arguments == ["www-data"])
        #expect(nginx.http?.block?.map(\.name) == ["map", "map", "upstream", "server"])
        #expect(nginx.servers.map(\.primaryName) == ["a.example"])
        #expect(nginx.files.count == 4)
    }

    @Test("A map says what it makes of a text, but where a pattern or a variable decides")
    func maps() {
        #expect(nginx.map("$oc_site")?.value(of: "WWW.example.com") == "y")
        #expect(nginx.map("$oc_site")?.value(of: "other") == nil)
        #expect(nginx.map("$plain")?.value(of: "other") == "d")
        #expect(nginx.map("$plain")?.value(of: "a.example") == "e")
        #expect(nginx.map("$plain")?.value(of: "t") == nil)
        #expect(nginx.map("$none") == nil)
        #expect(nginx.map("$oc_site")?.values == ["x", "y", "z"])
    }

    @Test("An upstream's servers have addresses and limits")
    func upstreams() {
        #expect(nginx.upstream("rule_outcomes")?.map(\.address) == ["unix:/run/r.sock", "127.0.0.1:9"])
        #expect(nginx.upstream("rule_outcomes")?.map(\.connectionsMax) == [7, nil])
        #expect(nginx.upstream("other") == nil)
    }

    @Test(
        "A listen line is a place to ask at",
        arguments: [
            ("80", NginxListen(host: "127.0.0.1", port: 80)), ("[::]:8080", NginxListen(host: "[::1]", port: 8080)),
            ("192.0.2.1:81", NginxListen(host: "192.0.2.1", port: 81)),
            ("*:82", NginxListen(host: "127.0.0.1", port: 82)),
            ("[2001:db8::1]", NginxListen(host: "[2001:db8::1]", port: 80)),
            ("localhost", NginxListen(host: "localhost", port: 80)),
        ])
    func listens(text: String, expected: NginxListen) {
        let directive = NginxDirective(name: "listen", arguments: [text], block: nil, file: "", line: 1)
        #expect(NginxListen(directive) == expected)
    }

    @Test(
        "A server is asked by a name that a request can have",
        arguments: [
            ("_", nil), ("", nil), ("~^www", nil), ("*.example.com", "www.example.com"),
            (".example.com", "example.com"),
            ("~^x www.example.com", "www.example.com"), ("www.*", nil),
        ] as [(String, String?)])
    func names(text: String, expected: String?) {
        var parser = NginxParser("server { server_name \(text.isEmpty ? "\"\"" : text); }".utf8, file: "")
        #expect(NginxServer(directive: parser.directives()[0]).nameToAsk == expected)
    }
}
