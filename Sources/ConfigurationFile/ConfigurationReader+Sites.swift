// The sites, apart from the two processes' sections in `ConfigurationReader.swift`: the longer half of what is read, with
// rules of its own for keys and credentials.

extension ConfigurationReader {
    mutating func sites(_ entry: Entry) -> [String: SiteConfiguration]? {
        guard let entries = entries(of: entry, titled: "`sites`") else { return nil }
        if entries.isEmpty {
            note(entry.line, "`sites` has no site: add one, called `default` unless nginx names another")
        }
        var sites: [String: SiteConfiguration] = [:]
        for entry in entries {
            checkName(entry, of: "a site")
            sites[entry.key] = site(entry)
        }
        return sites
    }

    private mutating func site(_ entry: Entry) -> SiteConfiguration? {
        let title = "sites.\(entry.key)"
        guard let section = section(entry, titled: title.shown, Keys.Site.self) else { return nil }
        let analytics = flag(section[.analytics])
        let origins = required(.origins, of: section, as: "a list of origins that may call, `[]` for none, or `any`")
            .flatMap { self.origins($0) }
        let session = choice(section[.session], of: SiteConfiguration.Session.self)
        let credentials = section[.credentials]
            .flatMap { self.section($0, titled: "\(title).credentials".shown, Keys.Credentials.self) }
        let requirement = choice(credentials?[.required], of: SiteConfiguration.CredentialsRequired.self)
        let accepted = credentials?[.accept].flatMap { self.accepted($0) }
        let jwt = section[.jwt].flatMap { self.jwt($0, site: entry.key) }

        let windowDays = wholeNumber(section[.windowDays], in: 1...Self.windowDaysMax)
        let retentionDays = wholeNumber(section[.retentionDays], in: 1...Self.retentionDaysMax)
        let timeZone = section[.timeZone].flatMap { text($0, "a time zone of the tz database, such as Europe/Berlin") }

        var site = SiteConfiguration(origins: origins ?? .list([]), jwt: jwt)
        site.windowDays = windowDays ?? site.windowDays
        site.retentionDays = retentionDays ?? site.retentionDays
        site.timeZone = timeZone
        checkRetention(of: site, section)
        site.analytics = analytics ?? site.analytics
        site.session = session ?? site.session
        site.credentialsRequired = requirement ?? site.credentialsRequired
        site.credentialsAccepted = accepted ?? site.credentialsAccepted
        if isRead(section[.analytics], analytics), isRead(section[.session], session),
            isRead(section[.credentials], credentials), isRead(credentials?[.required], requirement),
            isRead(credentials?[.accept], accepted)
        {
            checkUse(of: site, section, requiredLine: credentials?[.required]?.line)
        }
        warn(of: site, section, credentials)
        return origins == nil ? nil : site
    }

    static let windowDaysMax = 90
    static let retentionDaysMax = 3650

    /// Who is forgotten within the window cannot be seen to convert in it.
    private mutating func checkRetention(of site: SiteConfiguration, _ section: Section<Keys.Site>) {
        guard site.retentionDays <= site.windowDays, let entry = section[.retentionDays] ?? section[.windowDays] else {
            return
        }
        note(
            entry.line,
            "`retentionDays` is \(site.retentionDays) and `windowDays` \(site.windowDays): visitors must be kept for longer "
                + "than their window")
    }

    /// Whether a key is either not there or gave a value, so that what follows from it can be judged.
    private func isRead<Value>(_ entry: Entry?, _ value: Value?) -> Bool {
        entry == nil || value != nil
    }

    /// The places that a token may stand in.
    private static let tokenSchemes = CredentialScheme.allCases.filter { $0 != .session }

    /// The value of `credentials.accept`.
    mutating func accepted(_ entry: Entry) -> Set<CredentialScheme>? {
        let names = CredentialScheme.allCases.map(\.rawValue).joined(separator: ", ")
        return members(entry, "a list of some of \(names)") { reader, element in
            reader.choice(element, of: CredentialScheme.self)
        }.map { Set($0) }
    }

    /// Refuses credentials that can be verified but do not count, and a site that needs some and can verify none.
    mutating func checkUse(of site: SiteConfiguration, _ section: Section<Keys.Site>, requiredLine: Int?) {
        let hasSessions = site.session != .off
        if hasSessions, !site.credentialsAccepted.contains(.session) {
            let remedy = "add `session` there, or set `session: off`"
            note(section[.session]?.line, "`session` is set, but `credentials.accept` leaves it out: \(remedy)")
        }
        if let jwt = section[.jwt], site.credentialsAccepted.isDisjoint(with: Self.tokenSchemes) {
            let names = Self.tokenSchemes.map(\.rawValue).joined(separator: ", ")
            let remedy = "add one of \(names) there, or take `jwt` out"
            note(jwt.line, "`jwt` is given, but `credentials.accept` has no place for a token: \(remedy)")
        }
        if site.analytics, site.credentialsRequired != .never, !hasSessions, section[.jwt] == nil {
            let what = site.credentialsRequired == .always ? "request" : "conversion"
            let remedy = "add `jwt`, set `session: nginx`, or set `credentials.required: false`"
            note(
                requiredLine ?? section.line,
                "\(section.title) requires credentials but can verify none, so no \(what) can pass: \(remedy)")
        }
    }

    private mutating func jwt(_ entry: Entry, site: String) -> JWTConfiguration? {
        let title = "sites.\(site).jwt".shown
        guard let section = section(entry, titled: title, Keys.JWT.self) else { return nil }
        let secret = section[.secret].flatMap { keyFile($0) }
        let publicKey = section[.publicKey].flatMap { keyFile($0) }
        let jwks = section[.jwks].flatMap { keySet($0, site: site) }
        if section[.secret] == nil, section[.publicKey] == nil, section[.jwks] == nil {
            note(section.line, "\(title) has no key: add `secret`, `publicKey` or `jwks`, each the path of a file")
        }
        let algorithms = required(.algorithms, of: section, as: "a list of those allowed, such as [RS256]")
            .flatMap { self.algorithms($0, section) }
        let requireExpiry = flag(section[.requireExpiry])
        let issuer = section[.issuer].flatMap { freeText($0, "the `iss` that tokens must carry") }
        let audience = section[.audience].flatMap { freeText($0, "the `aud` that tokens must carry") }
        guard let algorithms else { return nil }
        var jwt = JWTConfiguration(
            secret: secret, publicKey: publicKey, jwks: jwks, algorithms: algorithms, issuer: issuer,
            audience: audience)
        jwt.requireExpiry = requireExpiry ?? jwt.requireExpiry
        return jwt
    }

    /// A file, or the one that what a URL answers is written to. No error shows the URL, which may have a key in it.
    private mutating func keySet(_ entry: Entry, site: String) -> KeyFile? {
        guard case .scalar(let scalar) = entry.value, Self.isURL(scalar.string) else { return keyFile(entry) }
        let expected = "the path of a file, or a URL that begins with `https://`"
        if HTTPSURL.hasScheme("http", scalar.string) {
            note(entry, mustBe: expected, "not with `http:`, where anybody on the way may exchange the keys")
            return nil
        }
        guard let url = HTTPSURL(scalar.string) else {
            let limits =
                "in printable ASCII, without a user, a password and a fragment, of at most \(HTTPSURL.bytesMax) bytes"
            note(entry, mustBe: expected, limits)
            return nil
        }
        // What another URL has answered, which may not be trusted any more, is not this one's.
        let path = resolved("\(keysDirectory)/\(site).\(url.mark).jwks.json")
        return KeyFile(path: path, configurationFile: notes.file, line: entry.valueLine, source: url)
    }

    /// Whether somebody meant a URL, of whatever kind.
    private static func isURL(_ text: String) -> Bool {
        text.contains("://") || ["http", "https"].contains { HTTPSURL.hasScheme($0, text) }
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

    /// Warns of what a site allows though it is weak. One that is switched off allows nothing.
    mutating func warn(
        of site: SiteConfiguration, _ section: Section<Keys.Site>, _ credentials: Section<Keys.Credentials>?
    ) {
        guard site.analytics else { return }
        if site.origins == .any {
            warn(
                section[.origins]?.valueLine,
                "`origins: any` lets the pages of every other site call in the name of their visitors: list those that "
                    + "may, such as [https://www.example.com]")
        }
        if site.session == .presence {
            warn(
                section[.session]?.valueLine,
                "`session: presence` lets everybody in who makes up a session cookie: set `session: nginx`, so that "
                    + "nginx asks whoever knows, or `session: off`")
        }
        if site.credentialsRequired != .never, site.session == .off {
            warn(
                section[.session]?.valueLine ?? section.line,
                "\(section.title) accepts no session, and the session cookie is all that Zephr's own pages send: they are "
                    + "answered 401. Set `session: nginx`, unless all pages that call send a token")
        }
        if site.credentialsRequired == .never {
            warn(
                credentials?[.required]?.valueLine,
                "`required: false` counts requests without any credential, so that everybody can make up visitors: take "
                    + "it out, and set `session: nginx` or add `jwt` where there is neither")
        }
        warnOfTokensInLogs(site, section, credentials)
    }

    private mutating func warnOfTokensInLogs(
        _ site: SiteConfiguration, _ section: Section<Keys.Site>, _ credentials: Section<Keys.Credentials>?
    ) {
        guard let jwt = section[.jwt], site.credentialsAccepted.contains(.query) else { return }
        let reason = "so that tokens end up in logs, nginx's error log among them"
        if let accept = credentials?[.accept] {
            warn(accept.valueLine, "`accept` has `query`, \(reason): take it out unless pages need it")
        } else {
            let others = site.credentialsAccepted.subtracting([.query]).map(\.rawValue)
            let list = CredentialScheme.allCases.map(\.rawValue).filter(others.contains).joined(separator: ", ")
            let remedy = "unless pages need it set `credentials.accept` to [\(list)] or to some of these"
            warn(jwt.line, "tokens may stand in the query by default, \(reason): \(remedy)")
        }
    }
}
