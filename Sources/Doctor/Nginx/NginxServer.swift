/// A server block of the http block.
struct NginxServer {
    static let conversions = "/zephr/public/rule-outcomes/v1/conversions"
    static let exposures = "/zephr/public/rule-outcomes/v1/exposures"

    let directive: NginxDirective

    /// As `server_name` has them, in order.
    var names: [String] {
        let names = directive.all("server_name").flatMap(\.arguments)
        return names.isEmpty ? [""] : names
    }

    /// What `$server_name` is.
    var primaryName: String { names.first ?? "" }

    /// What to call it: its name, and where it stands.
    var title: String {
        let name = primaryName.isEmpty ? "without a name" : primaryName
        return "server \(name) (\(directive.place))"
    }

    /// Where it listens. Nginx's own default is port 80.
    var listens: [NginxListen] {
        let listens = directive.all("listen").compactMap(NginxListen.init)
        return directive.all("listen").isEmpty ? [NginxListen(host: "127.0.0.1", port: 80)] : listens
    }

    /// The location of exactly that path.
    func location(_ path: String) -> NginxDirective? {
        directive.all("location").first { $0.arguments == ["=", path] }
    }

    /// Whether it hands conversions to the responder.
    var hasEndpoint: Bool { location(Self.conversions) != nil }

    /// Whether nginx asks somebody what a session is worth before it hands a conversion on.
    var asksAboutSessions: Bool {
        let question = location(Self.conversions)?.first("auth_request")
        return question.map { $0.arguments != ["off"] } ?? false
    }

    /// Whether it only sends visitors elsewhere.
    var isRedirect: Bool {
        let answer = directive.first("return") ?? directive.all("location").compactMap { $0.first("return") }.first
        return answer?.arguments.first.map { $0.hasPrefix("30") || $0.hasPrefix("http") || $0 == "444" } ?? false
    }

    /// A name that a request can be sent to: the first that is no pattern.
    var nameToAsk: String? {
        for name in names where !name.hasPrefix("~") && name != "_" && !name.isEmpty {
            if name.hasPrefix("*.") { return "www" + name.dropFirst() }
            if name.hasPrefix(".") { return String(name.dropFirst()) }
            if !name.contains("*") { return name }
        }
        return nil
    }
}

/// A `listen` line of a server.
struct NginxListen: Equatable {
    enum Place: Equatable {
        case address(String, port: Int)
        case socket(String)
    }

    let place: Place
    var isTLS = false
    /// Whether whoever connects has to say first whom for, which only a proxy does.
    var wantsProxyProtocol = false

    init(host: String, port: Int) {
        place = .address(host, port: port)
    }

    /// Nil for what no HTTP request can be sent to, such as HTTP/3's datagrams.
    init?(_ directive: NginxDirective) {
        guard let text = directive.arguments.first, !directive.arguments.contains("quic") else { return nil }
        if text.hasPrefix("unix:") {
            place = .socket(String(text.dropFirst("unix:".count)))
        } else {
            let colon = text.lastIndex(of: ":").flatMap { text[$0...].contains("]") ? nil : $0 }
            let tail = colon.map { text[text.index(after: $0)...] } ?? text[...]
            let port = Int(tail) ?? 80
            let host = colon.map { String(text[..<$0]) } ?? (Int(text) == nil ? text : "*")
            place = .address(Self.local(host), port: port)
        }
        isTLS = directive.arguments.contains("ssl")
        wantsProxyProtocol = directive.arguments.contains("proxy_protocol")
    }

    /// Where it can be reached from this machine.
    private static func local(_ host: String) -> String {
        switch host {
        case "*", "0.0.0.0", "": "127.0.0.1"
        case "[::]": "[::1]"
        default: host
        }
    }

    /// As a person would say it.
    var text: String {
        switch place {
        case .address(let host, let port): "\(host):\(port)"
        case .socket(let path): "unix:\(path)"
        }
    }
}

extension NginxConfiguration {
    var servers: [NginxServer] { http?.all("server").map(NginxServer.init) ?? [] }

    /// Those that hand conversions to the responder.
    var endpoints: [NginxServer] { servers.filter(\.hasEndpoint) }

    /// The site of config.yaml that a server stands for; nil where a pattern or a variable decides.
    func site(of server: NginxServer) -> String? {
        map("$oc_site")?.value(of: server.primaryName)
    }
}
