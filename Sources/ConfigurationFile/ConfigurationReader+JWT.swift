extension ConfigurationReader {
    mutating func jwt(_ entry: Entry, titled title: String) -> JWTConfiguration? {
        guard let section = section(entry, titled: title, Keys.JWT.self) else { return nil }
        let secret = section[.secret].flatMap { keyFile($0) }
        let publicKey = section[.publicKey].flatMap { keyFile($0) }
        let jwks = section[.jwks].flatMap { keyFile($0) }
        if section[.secret] == nil, section[.publicKey] == nil, section[.jwks] == nil {
            note(section.line, "\(title) has no key: add `secret`, `publicKey` or `jwks`, each the path of a file")
        }
        let algorithms = required(.algorithms, of: section, as: "a list of those allowed, such as [RS256]")
            .flatMap { self.algorithms($0, section) }
        let requireExpiry = flag(section[.requireExpiry])
        let issuer = section[.issuer].flatMap { text($0, "the `iss` that tokens must carry") }
        let audience = section[.audience].flatMap { text($0, "the `aud` that tokens must carry") }
        guard let algorithms else { return nil }
        var jwt = JWTConfiguration(
            secret: secret, publicKey: publicKey, jwks: jwks, algorithms: algorithms, issuer: issuer,
            audience: audience)
        jwt.requireExpiry = requireExpiry ?? jwt.requireExpiry
        return jwt
    }

    private mutating func algorithms(_ entry: Entry, _ section: Section<Keys.JWT>) -> Set<SignatureAlgorithm>? {
        let names = SignatureAlgorithm.names.joined(separator: ", ")
        let expected = "a list of at least one of \(names)"
        // By their names, since both names of one algorithm may be listed.
        let members = members(entry, expected) { reader, element -> String? in
            guard let name = reader.text(element, "one of \(names)") else { return nil }
            guard let algorithm = SignatureAlgorithm(named: name) else {
                reader.note(element, mustBe: "one of \(names)", "not \(name.shown)")
                return nil
            }
            reader.checkKey(for: algorithm, element, section)
            return name
        }
        if let members, members.isEmpty {
            note(entry, mustBe: expected, "not empty")
        }
        return members.map { Set($0.compactMap(SignatureAlgorithm.init(named:))) }
    }

    /// Refuses an algorithm that no key is there for, unless there is no key at all, which was noted.
    private mutating func checkKey(
        for algorithm: SignatureAlgorithm, _ element: Entry, _ section: Section<Keys.JWT>
    ) {
        let hasSecret = section[.secret] != nil
        let hasPublicKey = section[.publicKey] != nil || section[.jwks] != nil
        if algorithm.isSymmetric, !hasSecret, hasPublicKey {
            note(element.valueLine, "`\(algorithm.rawValue)` needs a `secret`: add one, or take it off the list")
        }
        if !algorithm.isSymmetric, hasSecret, !hasPublicKey {
            let needed = "a `publicKey` or a `jwks`"
            note(element.valueLine, "`\(algorithm.rawValue)` needs \(needed): add one, or take it off the list")
        }
    }
}
