extension ConfigurationReader {
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
}
