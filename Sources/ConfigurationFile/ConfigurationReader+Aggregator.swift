extension ConfigurationReader {
    mutating func aggregator(_ entry: Entry) -> AggregatorConfiguration? {
        guard let section = section(entry, titled: "`aggregator`", Keys.Aggregator.self) else { return nil }
        let socket = required(.socket, of: section, as: "the path of the Unix socket that responders forward to")
            .flatMap { self.socket($0) }
        let access = access(
            mode: section[.mode], owner: section[.owner], group: section[.group], allowedPeers: section[.allowedPeers])
        let analyticsSocket = required(.analyticsSocket, of: section, as: "the path of the Unix socket for reading")
            .flatMap { self.socket($0) }
        let analyticsAccess = self.access(
            mode: section[.analyticsMode], owner: section[.analyticsOwner], group: section[.analyticsGroup])
        let dataDirectory = required(.dataDirectory, of: section, as: "the path of the directory for what is counted")
            .flatMap { path($0, "the path of a directory") }
        let rulesPerSiteMax = wholeNumber(section[.rulesPerSiteMax], in: 1...1_000_000)
        let outcomesPerRuleMax = wholeNumber(section[.outcomesPerRuleMax], in: 1...1_000_000)
        let conversionsPerOutcomeMax = wholeNumber(section[.conversionsPerOutcomeMax], in: 1...1_000_000)
        guard let socket, let analyticsSocket, let dataDirectory else { return nil }
        var configuration = AggregatorConfiguration(
            socket: socket, access: access, analyticsSocket: analyticsSocket, analyticsAccess: analyticsAccess,
            dataDirectory: dataDirectory)
        configuration.rulesPerSiteMax = rulesPerSiteMax ?? configuration.rulesPerSiteMax
        configuration.outcomesPerRuleMax = outcomesPerRuleMax ?? configuration.outcomesPerRuleMax
        configuration.conversionsPerOutcomeMax = conversionsPerOutcomeMax ?? configuration.conversionsPerOutcomeMax
        return configuration
    }
}
