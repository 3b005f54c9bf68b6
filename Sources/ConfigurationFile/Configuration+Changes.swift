extension ResponderConfiguration {
    /// The keys of the section that are set to something else than in `earlier`, as they are spelt in the file.
    public func keysChanged(from earlier: ResponderConfiguration) -> [String] {
        let keys: [(Keys.Responder, Bool)] = [
            (.listen, listen != earlier.listen), (.mode, access.mode != earlier.access.mode),
            (.owner, access.owner != earlier.access.owner), (.group, access.group != earlier.access.group),
            (.allowedPeers, access.allowedPeers != earlier.access.allowedPeers),
            (.exposureSocket, exposureSocket != earlier.exposureSocket),
            (.exposureMode, exposureAccess.mode != earlier.exposureAccess.mode),
            (.exposureOwner, exposureAccess.owner != earlier.exposureAccess.owner),
            (.exposureGroup, exposureAccess.group != earlier.exposureAccess.group),
            (.subjectSecret, subjectSecret.path != earlier.subjectSecret.path),
            (.deadlineMilliseconds, deadlineMilliseconds != earlier.deadlineMilliseconds),
            (.inFlightMax, inFlightMax != earlier.inFlightMax),
            (.connectionsMax, connectionsMax != earlier.connectionsMax),
        ]
        return keys.filter(\.1).map(\.0.rawValue)
    }
}

extension AggregatorConfiguration {
    /// The keys of the section that are set to something else than in `earlier`, as they are spelt in the file.
    public func keysChanged(from earlier: AggregatorConfiguration) -> [String] {
        let keys: [(Keys.Aggregator, Bool)] = [
            (.socket, socket != earlier.socket), (.mode, access.mode != earlier.access.mode),
            (.owner, access.owner != earlier.access.owner), (.group, access.group != earlier.access.group),
            (.allowedPeers, access.allowedPeers != earlier.access.allowedPeers),
            (.analyticsSocket, analyticsSocket != earlier.analyticsSocket),
            (.analyticsMode, analyticsAccess.mode != earlier.analyticsAccess.mode),
            (.analyticsOwner, analyticsAccess.owner != earlier.analyticsAccess.owner),
            (.analyticsGroup, analyticsAccess.group != earlier.analyticsAccess.group),
            (.dataDirectory, dataDirectory != earlier.dataDirectory),
            (.rulesPerSiteMax, rulesPerSiteMax != earlier.rulesPerSiteMax),
            (.outcomesPerRuleMax, outcomesPerRuleMax != earlier.outcomesPerRuleMax),
            (.conversionsPerOutcomeMax, conversionsPerOutcomeMax != earlier.conversionsPerOutcomeMax),
        ]
        return keys.filter(\.1).map(\.0.rawValue)
    }
}
