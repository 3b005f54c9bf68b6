/// Every key that `config.yaml` may have, section by section. The reader accepts these and no others, and can ask for
/// no other; suggestions choose among them; the documented example shows each.
enum Keys {
    /// The keys of one section.
    protocol Section: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
        /// Where these keys belong, to be read after "in".
        static var place: String { get }
    }

    enum File: String, Section {
        case responder, aggregator, sites, rules

        static let place = "the file's first level"
    }

    enum Responder: String, Section {
        case listen, mode, owner, group, allowedPeers, exposureSocket, exposureMode, exposureOwner, exposureGroup
        case subjectSecret, deadlineMilliseconds, inFlightMax, connectionsMax

        static let place = "`responder`"
    }

    enum Aggregator: String, Section {
        case socket, mode, owner, group, allowedPeers, analyticsSocket, analyticsMode, analyticsOwner, analyticsGroup
        case dataDirectory, rulesPerSiteMax, outcomesPerRuleMax, conversionsPerOutcomeMax

        static let place = "`aggregator`"
    }

    enum Site: String, Section {
        case analytics, origins, session, credentials, jwt, windowDays, retentionDays

        static let place = "a site"
    }

    enum Credentials: String, Section {
        case required, accept

        static let place = "a site's `credentials`"
    }

    enum JWT: String, Section {
        case secret, publicKey, jwks, algorithms, requireExpiry, issuer, audience

        static let place = "a site's `jwt`"
    }

    static let sections: [any Section.Type] = [
        File.self, Responder.self, Aggregator.self, Site.self, Credentials.self, JWT.self,
    ]
}

extension Keys.Section {
    /// In the order in which the example has them.
    static var names: [String] {
        allCases.map(\.rawValue)
    }
}
