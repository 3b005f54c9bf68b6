import Glibc

/// A server block of the http block.
struct NginxServer {
    static let conversions = "/zephr/public/rule-outcomes/v1/conversions"
    static let exposures = "/zephr/public/rule-outcomes/v1/exposures"

    let directive: NginxDirective

    /// As `server_name` has them, in order.
    var names: [String] {
        let names = directive.all("server_name").flatMap(\.arguments)
        return names.isEmpty ? [""] : names.map { $0 == "$hostname" ? Self.hostName : $0.lowercased() }
    }

    private static let hostName: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).lowercased()
    }()

    /// What `$server_name` is.
    var primaryName: String {
        let name = names.first ?? ""
        return name.hasPrefix(".") ? String(name.dropFirst()) : name
    }

    /// What to call it: its name, and where it stands.
    var title: String {
        let name = primaryName.isEmpty ? "without a name" : primaryName
        return "server \(name) (\(directive.place))"
    }

    /// The names that are whole, so that a page may have them.
    var exactNames: [String] {
        names.filter { $0.contains(".") && !$0.hasPrefix("~") && !$0.hasPrefix(".") && !$0.contains("*") }
    }

    /// A name that leads to it and to no other block; nil where only patterns do.
    var nameToAsk: String? {
        if let name = names.first(where: { !$0.isEmpty && $0 != "_" && !$0.hasPrefix("~") && !$0.contains("*") }) {
            return name.hasPrefix(".") ? String(name.dropFirst()) : name
        }
        // No page has it, so that no other block is of that name.
        let pattern = names.first { $0.hasPrefix("*.") }
        return pattern.map { "rule-outcomes-doctor" + $0.dropFirst() }
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

    /// Whether it serves no pages, and only sends visitors elsewhere or away.
    var servesNothing: Bool {
        if directive.first("return") != nil { return true }
        let sends = { (directive: NginxDirective) in
            directive.name == "rewrite" && ["permanent", "redirect"].contains(directive.arguments.last)
                && ["^", ".*", "^.*", "^(.*)$", "^(.*)", "^/(.*)$", "^/(.*)"].contains(directive.arguments.first)
        }
        if directive.block?.contains(where: sends) == true { return true }
        let front = directive.all("location").first { $0.arguments == ["/"] }
        return front?.first("return") != nil
    }
}

/// A `listen` line of a server.
struct NginxListen: Equatable {
    enum Place: Hashable {
        case address(String, port: Int)
        case socket(String)
    }

    /// As it is written, so that two lines for one place are seen to be.
    let place: Place
    var isTLS = false
    /// Whether whoever connects has to say first whom for, which only a proxy does.
    var wantsProxyProtocol = false
    var isDefault = false

    /// nginx's own, where there is no such line.
    static var standard: NginxListen { NginxListen(place: .address("*", port: geteuid() == 0 ? 80 : 8000)) }

    init(place: Place) {
        self.place = place
    }

    /// Nil for what no HTTP request can be sent to, such as HTTP/3's datagrams.
    init?(_ directive: NginxDirective) {
        guard let text = directive.arguments.first, !directive.arguments.contains("quic") else { return nil }
        if text.hasPrefix("unix:") {
            place = .socket(String(text.dropFirst("unix:".count)))
        } else {
            let colon = text.lastIndex(of: ":").flatMap { text[$0...].contains("]") ? nil : $0 }
            let tail = colon.map { text[text.index(after: $0)...] } ?? text[...]
            // Of a range of ports the first stands for all.
            let port = Self.port(tail)
            let host = colon.map { String(text[..<$0]) } ?? (port == nil ? text : "*")
            place = .address(host == "0.0.0.0" ? "*" : host.lowercased(), port: port ?? 80)
        }
        isTLS = directive.arguments.contains("ssl")
        wantsProxyProtocol = directive.arguments.contains("proxy_protocol")
        isDefault = directive.arguments.contains("default_server") || directive.arguments.contains("default")
    }

    private static func port(_ text: Substring) -> Int? {
        text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).first.flatMap { Int($0) }
    }

    /// Where it can be reached from this machine.
    var hostToAsk: String? {
        guard case .address(let host, _) = place else { return nil }
        return switch host {
        case "*", "": "127.0.0.1"
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
        map("$oc_site")?.value(of: server.primaryName).map { $0.isEmpty ? "default" : $0 }
    }
}

/// Where servers listen, all of them together, since what one says of a place holds for every one there.
struct NginxPlaces {
    private var listens: [NginxListen.Place: NginxListen] = [:]
    /// The place's own server, for names that no other has: where its block stands.
    private var defaults: [NginxListen.Place: String] = [:]

    init(_ servers: [NginxServer]) {
        for server in servers {
            for listen in Self.lines(of: server) {
                var known = listens[listen.place] ?? listen
                known.isTLS = known.isTLS || listen.isTLS || server.directive.first("ssl")?.arguments == ["on"]
                known.wantsProxyProtocol = known.wantsProxyProtocol || listen.wantsProxyProtocol
                listens[listen.place] = known
                if listen.isDefault || defaults[listen.place] == nil { defaults[listen.place] = server.directive.place }
            }
        }
    }

    private static func lines(of server: NginxServer) -> [NginxListen] {
        let lines = server.directive.all("listen")
        return lines.isEmpty ? [.standard] : lines.compactMap(NginxListen.init)
    }

    /// Where the server can be asked. IPv6's any address is left out beside IPv4's of the same port.
    func of(_ server: NginxServer) -> [NginxListen] {
        var seen: Set<NginxListen.Place> = []
        let own = Self.lines(of: server).compactMap { listens[$0.place] }.filter { seen.insert($0.place).inserted }
        return own.filter { listen in
            guard case .address("[::]", let port) = listen.place else { return true }
            return !seen.contains(.address("*", port: port))
        }
    }

    /// Whether the server has what comes there under a name that no server has.
    func isDefault(_ server: NginxServer, at listen: NginxListen) -> Bool {
        defaults[listen.place] == server.directive.place
    }
}
