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
        let jwt = section[.jwt].flatMap { self.jwt($0, titled: "\(title).jwt".shown) }

        let windowDays = wholeNumber(section[.windowDays], in: 1...Self.windowDaysMax)
        let retentionDays = wholeNumber(section[.retentionDays], in: 1...Self.retentionDaysMax)

        var site = SiteConfiguration(origins: origins ?? .list([]), jwt: jwt)
        site.windowDays = windowDays ?? site.windowDays
        site.retentionDays = retentionDays ?? site.retentionDays
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
}
