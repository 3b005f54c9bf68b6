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
            ("a 'line\nline' b;", ["line\nline", "b"]), (#"a ~ \.php\${}"#, ["~", #"\.php\$"#]),
        ])
    func words(text: String, arguments: [String]) {
        #expect(directives(text).map(\.arguments) == [arguments])
    }

    @Test(
        "A program in Lua is passed over, whatever stands in it",
        arguments: [
            "if x then return { a = ';' } end", "ngx.say(\"}\")", "ngx.say('\\'}')", "-- it's a }\n x = 1",
            "--[[ } ]] x = 1",
            "x = [==[ } ]] } ]==]", "a[b[1]] = 2",
        ])
    func programs(program: String) {
        let found = directives("content_by_lua_block { \(program) } root /;")
        #expect(found.map(\.name) == ["content_by_lua_block", "root"])
    }

    @Test(
        "What is cut off or out of place ends nothing",
        arguments: ["a", "a {", "a { b", "} c;", "'", "a \\", "{};;}", "x_by_lua_block { '", "x_by_lua_block { [["])
    func broken(text: String) {
        _ = directives(text)
    }
}

@Suite("What nginx goes by, all files together")
struct NginxConfigurationTests {
    private static let dump = """
        # configuration file /none/nginx/nginx.conf:
        user www-data;
        http {
            include conf.d/*.conf;
            include /none/nginx/sites/a;
            include missing/*;
        }
        # configuration file /none/nginx/conf.d/b.conf:
        map $server_name $oc_site { default x; www.example.com y; ~^m z; }
        map $server_name $plain { hostnames; default d; A.example e; t $uri; }
        map $host $other { default x; }
        map $server_name $last { default first; }
        map $server_name $last { default second; }
        upstream rule_outcomes { server unix:/run/r.sock max_conns=7; server 127.0.0.1:9; }
        # configuration file /none/nginx/conf.d/sub/c.conf:
        root /never;
        # configuration file /none/nginx/sites/a:
        server { include /none/nginx/sites/a; server_name a.example; }

        """

    private let nginx = NginxConfiguration(dump: dump)

    @Test("An include is what its files hold, in the place where it stands; one that includes itself ends")
    func includes() {
        #expect(nginx.root.first("user")?.arguments == ["www-data"])
        #expect(nginx.http?.block?.map(\.name) == ["map", "map", "map", "map", "map", "upstream", "server"])
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
        #expect(nginx.map("$other") == nil, "something else than the name decides")
        #expect(nginx.map("$last")?.value(of: "x") == "second")
    }

    @Test("An upstream's servers have addresses and limits")
    func upstreams() {
        #expect(nginx.upstream("rule_outcomes")?.map(\.address) == ["unix:/run/r.sock", "127.0.0.1:9"])
        #expect(nginx.upstream("rule_outcomes")?.map(\.connectionsMax) == [7, nil])
        #expect(nginx.upstream("other") == nil)
    }

    @Test(
        "A listen line is a place, and where to ask there",
        arguments: [
            ("80", "*:80", "127.0.0.1"), ("[::]:8080", "[::]:8080", "[::1]"),
            ("192.0.2.1:81", "192.0.2.1:81", "192.0.2.1"),
            ("0.0.0.0:82", "*:82", "127.0.0.1"), ("[2001:db8::1]", "[2001:db8::1]:80", "[2001:db8::1]"),
            ("Localhost", "localhost:80", "localhost"), ("8000-8010", "*:8000", "127.0.0.1"),
            ("unix:/run/x", "unix:/run/x", nil),
        ] as [(String, String, String?)])
    func listens(text: String, place: String, host: String?) {
        let directive = NginxDirective(name: "listen", arguments: [text], block: nil, file: "", line: 1)
        #expect(NginxListen(directive)?.text == place)
        #expect(NginxListen(directive)?.hostToAsk == host)
    }

    @Test("HTTP/3 is no place to ask at")
    func datagrams() {
        let directive = NginxDirective(name: "listen", arguments: ["443", "quic"], block: nil, file: "", line: 1)
        #expect(NginxListen(directive) == nil)
    }

    @Test(
        "A server is asked by a name that leads to it",
        arguments: [
            ("_", nil), ("", nil), ("~^www", nil), ("*.example.com", "rule-outcomes-doctor.example.com"),
            (".example.com", "example.com"), ("~^x www.example.com", "www.example.com"), ("www.*", nil),
            ("*.example.com WWW.example.com", "www.example.com"),
        ] as [(String, String?)])
    func names(text: String, expected: String?) {
        #expect(servers("server { server_name \(text.isEmpty ? "\"\"" : text); }")[0].nameToAsk == expected)
    }

    @Test("A server's variable is its first name, less a dot in front")
    func primaryNames() {
        #expect(servers("server { server_name .magazine.example x; }")[0].primaryName == "magazine.example")
        #expect(servers("server { server_name $hostname; }")[0].primaryName != "$hostname")
        #expect(servers("server { }")[0].primaryName == "")
    }

    @Test(
        "A server that only sends visitors on serves nothing, and one with an old page that moved does",
        arguments: [
            ("return 301 https://$host$request_uri;", true),
            ("if ($host = x) { return 301 https://y; } return 404;", true),
            ("rewrite ^ https://$host$uri permanent;", true), ("location / { return 301 https://y; }", true),
            ("location = /old { return 301 /new; } root /;", false), ("root /;", false),
            ("rewrite ^/a /b last; root /;", false),
        ])
    func redirects(text: String, servesNothing: Bool) {
        #expect(servers("server { \(text) }")[0].servesNothing == servesNothing)
    }

    @Test(
        "What one server says of a place holds for all there, and the first is the place's own unless another says so")
    func places() {
        let found = servers(
            """
            server { listen 443; listen [::]:443; server_name a; }
            server { listen 443 ssl; listen 80; server_name b; }
            server { listen 80 default_server proxy_protocol; server_name c; }
            """)
        let places = NginxPlaces(found)
        #expect(places.of(found[0]).map(\.text) == ["*:443"])
        #expect(places.of(found[0])[0].isTLS && !places.of(found[2])[0].isTLS)
        #expect(places.of(found[1]).last?.wantsProxyProtocol == true)
        #expect(places.isDefault(found[0], at: places.of(found[0])[0]))
        #expect(!places.isDefault(found[1], at: places.of(found[1])[0]))
        #expect(places.isDefault(found[2], at: places.of(found[2])[0]))
    }

    private func servers(_ text: String) -> [NginxServer] {
        var parser = NginxParser(text.utf8, file: "")
        return parser.directives().map { NginxServer(directive: $0) }
    }
}
