import Glibc

extension ConfigurationReader {
    private static let listenExpected =
        "`unix:PATH`, `tcp:ADDRESS:PORT` or `inherited`, such as `unix:/run/rule-outcomes/responder.sock`"

    mutating func responder(_ entry: Entry) -> ResponderConfiguration? {
        guard let section = section(entry, titled: "`responder`", Keys.Responder.self) else { return nil }
        let listen = required(.listen, of: section, as: Self.listenExpected).flatMap { self.listen($0) }
        let access = access(
            mode: section[.mode], owner: section[.owner], group: section[.group], allowedPeers: section[.allowedPeers])
        if let listen { refuseAccess(section, listen) }
        let exposureSocket = section[.exposureSocket].flatMap { self.socket($0) }
        let exposureAccess = self.access(
            mode: section[.exposureMode], owner: section[.exposureOwner], group: section[.exposureGroup])
        refuseExposureAccess(section)
        let subjectSecret = required(.subjectSecret, of: section, as: "the path of the file with the secret")
            .flatMap { keyFile($0) }
        let deadlineMilliseconds = wholeNumber(section[.deadlineMilliseconds], in: 10...60_000)
        let inFlightMax = wholeNumber(section[.inFlightMax], in: 1...65_536)
        let connectionsMax = wholeNumber(section[.connectionsMax], in: 1...65_536)
        guard let listen, let subjectSecret else { return nil }
        var configuration = ResponderConfiguration(
            listen: listen, access: access, exposureSocket: exposureSocket, exposureAccess: exposureAccess,
            subjectSecret: subjectSecret)
        configuration.deadlineMilliseconds = deadlineMilliseconds ?? configuration.deadlineMilliseconds
        configuration.inFlightMax = inFlightMax ?? configuration.inFlightMax
        configuration.connectionsMax = connectionsMax ?? configuration.connectionsMax
        return configuration
    }

    private mutating func listen(_ entry: Entry) -> ResponderConfiguration.Listen? {
        guard let text = text(entry, Self.listenExpected) else { return nil }
        if text == "inherited" { return .inherited }
        if text.hasPrefix("unix:") {
            return socket(at: String(text.dropFirst(5)), entry, Self.listenExpected).map { .unix(path: $0) }
        }
        if text.hasPrefix("tcp:") { return tcp(text.dropFirst(4), entry) }
        note(entry, mustBe: Self.listenExpected, "not \(text.shown)")
        return nil
    }

    /// `127.0.0.1:9000` or `[::1]:9000`.
    private mutating func tcp(_ text: Substring, _ entry: Entry) -> ResponderConfiguration.Listen? {
        guard let colon = text.lastIndex(of: ":"), let port = port(text[text.index(after: colon)...]) else {
            note(entry, mustBe: "`tcp:ADDRESS:PORT`, such as `tcp:127.0.0.1:9000`", "with a port from 1 to 65535")
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = String(host.dropFirst().dropLast())
            if Self.isAddress(address, AF_INET6) { return .tcp(address: address, port: port) }
        } else if Self.isAddress(String(host), AF_INET) {
            return .tcp(address: String(host), port: port)
        }
        let found = "with an address in numbers, `127.0.0.1` or `[::1]`, not \(String(host).shown)"
        note(entry, mustBe: "`tcp:ADDRESS:PORT`", found)
        return nil
    }

    private func port(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy(isDigit), let port = UInt16(text), port > 0 else { return nil }
        return port
    }

    static func isAddress(_ text: String, _ family: Int32) -> Bool {
        var address = in6_addr()
        return inet_pton(family, text, &address) == 1
    }

    /// Only a Unix socket that the responder itself opens has a mode, an owner and a group that it can set, and only
    /// on a Unix socket does the kernel tell who the peer is.
    private mutating func refuseAccess(_ section: Section<Keys.Responder>, _ listen: ResponderConfiguration.Listen) {
        let (keys, reason): ([Keys.Responder], String)
        switch listen {
        case .unix: return
        case .tcp: (keys, reason) = ([.mode, .owner, .group, .allowedPeers], "TCP knows neither owners nor users")
        case .inherited: (keys, reason) = ([.mode, .owner, .group], "whoever opens the inherited socket sets it")
        }
        for entry in keys.compactMap({ section[$0] }) {
            note(entry.line, "\(entry.title) goes only with `listen: unix:PATH`, \(reason): take it out")
        }
    }

    /// Without a socket there is nobody to let in; one that is inherited belongs to whoever opens it.
    private mutating func refuseExposureAccess(_ section: Section<Keys.Responder>) {
        guard section[.exposureSocket] == nil else { return }
        for entry in [Keys.Responder.exposureMode, .exposureOwner, .exposureGroup].compactMap({ section[$0] }) {
            note(entry.line, "\(entry.title) goes only with `exposureSocket`: take it out, or add that")
        }
    }
}
