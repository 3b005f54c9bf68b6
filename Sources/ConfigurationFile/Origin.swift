import Glibc

/// A web origin, as RFC 6454 serialises it and browsers send it: scheme, host, and the port unless it is the scheme's
/// own.
struct Origin {
    let serialised: String

    /// Reads what people take for an origin: with upper case, a path, a slash at the end, a user or the default port,
    /// or without a scheme. Nil when no origin can be made out.
    init?(lenient text: String) {
        let lowered = text.lowercased()
        guard let separator = lowered.firstRange(of: "://") else {
            guard lowered.contains("."), let origin = Origin(lenient: "https://" + lowered) else { return nil }
            self = origin
            return
        }
        let scheme = lowered[..<separator.lowerBound]
        let authority = lowered[separator.upperBound...].prefix { !"/?#".contains($0) }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard Self.isScheme(scheme), let (host, port) = Self.hostAndPort(place) else { return nil }
        let isDefault = port == nil || port == Self.defaultPorts[String(scheme)]
        serialised = "\(scheme)://\(host)\(isDefault ? "" : port.map { ":\($0)" } ?? "")"
    }

    private static let defaultPorts: [String: UInt16] = ["http": 80, "https": 443]

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first.isLetter else { return false }
        return text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }
    }

    /// An empty port, `example.com:`, counts as none.
    private static func hostAndPort(_ text: Substring) -> (host: String, port: UInt16?)? {
        let hostEnd: Substring.Index
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            hostEnd = text.index(after: bracket)
        } else {
            hostEnd = text.firstIndex(of: ":") ?? text.endIndex
        }
        guard let host = host(text[..<hostEnd]) else { return nil }
        let rest = text[hostEnd...]
        if rest.isEmpty || rest == ":" { return (host, nil) }
        guard rest.hasPrefix(":"), rest.dropFirst().utf8.allSatisfy(\.isDigit), let port = UInt16(rest.dropFirst()),
            port > 0
        else { return nil }
        return (host, port)
    }

    /// A name or an IPv4 address as it stands, or an IPv6 address in its shortest form.
    private static func host(_ text: Substring) -> String? {
        if text.hasPrefix("[") {
            var address = in6_addr()
            var shortest = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_pton(AF_INET6, String(text.dropFirst().dropLast()), &address) == 1,
                inet_ntop(AF_INET6, &address, &shortest, socklen_t(shortest.count)) != nil
            else { return nil }
            let bytes = shortest.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return "[\(String(decoding: bytes, as: UTF8.self))]"
        }
        let isHost = text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-._".utf8.contains($0) }
        return isHost && !text.isEmpty && !text.hasPrefix(".") ? String(text) : nil
    }
}

extension ConfigurationReader {
    /// The value of `origins`: a list, or `any`.
    mutating func origins(_ entry: Entry) -> SiteConfiguration.Origins? {
        let expected = "a list of origins, such as [https://www.example.com], or `any`"
        if case .scalar(let scalar) = entry.value, !scalar.isMissing {
            if scalar.string == "any" { return .any }
            note(entry, mustBe: expected, "not \(scalar.string.shown)")
            return nil
        }
        return members(entry, expected) { reader, element in reader.origin(element) }.map { .list(Set($0)) }
    }

    private mutating func origin(_ entry: Entry) -> String? {
        let expected = "an origin as browsers send it, such as `https://www.example.com`, or `null`"
        guard let text = text(entry, expected) else { return nil }
        if text == "null" { return text }
        if text.contains("*") || text == "any" {
            note(entry, mustBe: expected, "without wildcards; `origins: any`, without a list, lets every page call")
            return nil
        }
        guard let origin = Origin(lenient: text) else {
            note(entry, mustBe: expected, "not \(text.shown)")
            return nil
        }
        guard origin.serialised == text else {
            note(entry, mustBe: expected, "so write \(origin.serialised.shown), not \(text.shown)")
            return nil
        }
        return text
    }
}
