extension ConfigurationReader {
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
