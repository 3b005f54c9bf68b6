/// An `https` URL without a user, a password and a fragment, as a configuration and redirects name one (RFC 3986).
public struct HTTPSURL: Sendable, Hashable {
    /// The most that one may have.
    public static let bytesMax = 2048

    /// Scheme, host and port, as browsers serialise an origin: `https://id.example.com:8443`.
    public let origin: String
    /// From its first `/`; never empty.
    private let path: String
    /// With the question mark in front; empty where there is none.
    private let query: String

    /// Nil for what is no such URL. What is not printable ASCII has to be encoded.
    public init?(_ text: String) {
        let bytes = text.utf8
        let isPlain = bytes.allSatisfy { (0x21...0x7E).contains($0) && !"\"<>\\^`{|}#".utf8.contains($0) }
        guard bytes.count <= Self.bytesMax, isPlain, Self.hasScheme("https", text) else { return nil }
        let rest = text.dropFirst("https:".count)
        guard rest.hasPrefix("//") else { return nil }
        let authority = rest.dropFirst(2).prefix { !"/?".contains($0) }
        guard !authority.contains("@"), let origin = Origin(lenient: "https://\(authority)") else { return nil }
        let target = rest[authority.endIndex...]
        let path = target.prefix { $0 != "?" }
        self.origin = origin.serialised
        self.path = path.isEmpty ? "/" : String(path)
        query = String(target[path.endIndex...])
    }

    /// All of it, to be sent.
    public var text: String { origin + path + query }

    /// Without the query, which may hold a key to what is there: for logs and errors.
    public var shown: String { origin + path }

    /// Tells one URL from another in the name of a file: 16 hexadecimal digits (FNV-1a of all of it, 64 bits).
    public var mark: String {
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whether `text` is meant as a URL with this scheme.
    static func hasScheme(_ scheme: String, _ text: String) -> Bool {
        text.prefix(scheme.count + 1).lowercased() == "\(scheme):"
    }

    /// What a reference names that stands in an answer from here, its fragment aside (RFC 3986, section 5.2, but for
    /// dots, which are left to the server). Nil where that is no such URL.
    public func resolving(_ reference: String) -> HTTPSURL? {
        let reference = reference.prefix { $0 != "#" }
        let beginning = reference.prefix { !"/?".contains($0) }
        if beginning.contains(":") { return HTTPSURL(String(reference)) }
        if reference.hasPrefix("//") { return HTTPSURL("https:\(reference)") }
        if reference.hasPrefix("/") { return HTTPSURL("\(origin)\(reference)") }
        if reference.hasPrefix("?") { return HTTPSURL("\(origin)\(path)\(reference)") }
        guard !reference.isEmpty, let slash = path.lastIndex(of: "/") else { return nil }
        return HTTPSURL("\(origin)\(path[...slash])\(reference)")
    }
}
