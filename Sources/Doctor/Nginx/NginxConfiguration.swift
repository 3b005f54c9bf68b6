import Glibc

/// What nginx goes by, with every `include` in its place.
struct NginxConfiguration: Sendable {
    /// The directives of `nginx.conf`.
    let root: NginxDirective
    /// The files that it is in, in nginx's order.
    let files: [String]

    private static let marker = "# configuration file "
    private static let depthMax = 16

    /// - Parameter dump: what `nginx -T` writes on standard output: each file, with a line in front that names it.
    init(dump: String) {
        var texts: [(path: String, text: String)] = []
        for line in dump.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(Self.marker), line.hasSuffix(":"), Self.isWhole(texts.last) {
                texts.append((String(line.dropFirst(Self.marker.count).dropLast()), ""))
            } else if !texts.isEmpty {
                texts[texts.count - 1].text += line + "\n"
            }
        }
        let parsed = texts.map { path, text in
            var parser = NginxParser(text.utf8, file: path)
            return (path, parser.directives())
        }
        files = texts.map(\.path)
        let main = files.first ?? ""
        let directory = main.lastIndex(of: "/").map { String(main[...$0]) } ?? ""
        let expansion = Expansion(files: parsed, directory: directory)
        root = NginxDirective(
            name: "", arguments: [], block: expansion.expanded(parsed.first?.1 ?? [], depth: 0), file: main, line: 1)
    }

    /// The http block.
    var http: NginxDirective? { root.first("http") }

    /// Whether all of the file has been read, and a line that looks as if it named the next one is not this one's.
    private static func isWhole(_ file: (path: String, text: String)?) -> Bool {
        guard let file, let size = FileFacts(file.path)?.size else { return true }
        return file.text.utf8.count >= size
    }

    /// What stands in place of each `include`.
    private struct Expansion {
        let files: [(path: String, directives: [NginxDirective])]
        let directory: String

        func expanded(_ directives: [NginxDirective], depth: Int) -> [NginxDirective] {
            directives.flatMap { directive -> [NginxDirective] in
                if directive.name == "include", directive.block == nil, let pattern = directive.arguments.first {
                    guard depth < NginxConfiguration.depthMax else { return [] }
                    return included(pattern).flatMap { expanded($0, depth: depth + 1) }
                }
                var directive = directive
                directive.block = directive.block.map { expanded($0, depth: depth) }
                return [directive]
            }
        }

        private func included(_ pattern: String) -> [[NginxDirective]] {
            let path = pattern.hasPrefix("/") ? pattern : directory + pattern
            var seen: Set<String> = []
            return files.filter { fnmatch(path, $0.path, FNM_PATHNAME) == 0 && seen.insert($0.path).inserted }
                .map(\.directives)
        }
    }
}

extension NginxConfiguration {
    /// What a `map` of the http block makes of the server's name, by the variable's name with `$`. Of several the last
    /// counts; nil where there is none, or something else decides.
    func map(_ variable: String) -> NginxMap? {
        guard let map = http?.all("map").last(where: { $0.arguments.last == variable }),
            map.arguments.first == "$server_name"
        else { return nil }
        return NginxMap(map)
    }

    /// The addresses of an upstream's servers: a path for a Unix socket, otherwise as they are written.
    func upstream(_ name: String) -> [NginxUpstreamServer]? {
        http?.all("upstream").first { $0.arguments == [name] }?.all("server").map(NginxUpstreamServer.init)
    }
}

/// A server line of an upstream.
struct NginxUpstreamServer {
    /// `unix:/run/…` or a host and port.
    let address: String
    /// How many requests of a worker may be with it; nil for any number.
    let connectionsMax: Int?

    init(_ directive: NginxDirective) {
        address = directive.arguments.first ?? ""
        let limit = directive.arguments.first { $0.hasPrefix("max_conns=") }
        connectionsMax = limit.flatMap { Int($0.dropFirst("max_conns=".count)) }.flatMap { $0 == 0 ? nil : $0 }
    }
}

/// A `map`, as far as it goes by whole texts.
struct NginxMap {
    private let entries: [NginxDirective]

    init(_ directive: NginxDirective) {
        entries = (directive.block ?? []).filter {
            !["hostnames", "volatile"].contains($0.name) || !$0.arguments.isEmpty
        }
    }

    /// What it makes of `text`; nil where a pattern or a variable decides, which only nginx knows.
    func value(of text: String) -> String? {
        let exact = entries.first { Self.literal($0.name)?.lowercased() == text.lowercased() && $0.name != "default" }
        if exact == nil, entries.contains(where: { Self.literal($0.name) == nil }) { return nil }
        let entry = exact ?? entries.first { $0.name == "default" }
        let value = entry?.arguments.first ?? ""
        return value.contains("$") ? nil : value
    }

    /// The text that an entry stands for; nil for a pattern.
    private static func literal(_ name: String) -> String? {
        if name.hasPrefix("~") || name.hasPrefix("*.") || name.hasPrefix(".") || name.hasSuffix(".*") { return nil }
        return name.hasPrefix("\\") ? String(name.dropFirst()) : name
    }
}
