import ConfigurationFile
import Credentials
import Synchronization

/// Why no credential of a site can be verified.
struct UnusableKeys: Error {
    let site: String
    let errors: ConfigurationErrors
}

/// A site as requests meet it: its configuration with the keys read. A class, since every request keeps it until it is answered.
final class Site: Sendable {
    let hasAnalytics: Bool
    let origins: CrossOrigin
    private let credentials: Result<SiteCredentials, UnusableKeys>
    /// Whether a session cookie is worth what nginx says of it.
    private let asksNginx: Bool
    /// The site's name, where its key set is fetched.
    private let fetchedFor: String?

    /// Reads the site's keys.
    convenience init(_ configuration: SiteConfiguration) throws(ConfigurationErrors) {
        self.init(configuration, .success(try SiteCredentials(site: configuration)))
    }

    init(
        _ configuration: SiteConfiguration, _ credentials: Result<SiteCredentials, UnusableKeys>, name: String? = nil
    ) {
        hasAnalytics = configuration.analytics
        origins =
            switch configuration.origins {
            case .any: .any
            case .list(let list): .listed(list.sorted().map(AdmittedOrigin.init))
            }
        self.credentials = credentials
        asksNginx = configuration.session == .nginx
        fetchedFor = configuration.jwt?.jwks?.source == nil ? nil : name
    }

    var hasUsableKeys: Bool {
        if case .success = credentials { true } else { false }
    }

    /// What of a request's credentials does not count here, where that is known.
    func ignoredCredentials(_ parameters: borrowing RequestParameters) -> [IgnoredCredential] {
        guard let credentials = try? credentials.get() else { return [] }
        return credentials.ignored(PresentedCredentials(parameters, accepting: credentials.accepted))
    }

    /// What a request's credentials come to.
    enum CredentialCheck: Sendable {
        /// This one verifies; nil where none is presented and none is required.
        case passed(CredentialScheme?)
        /// It takes so long that no other request should wait for it. What is called gives the same, or throws the refusal.
        case dear(@Sendable () throws(Refusal) -> CredentialScheme?)
    }

    /// Refuses a request none of whose credentials verifies.
    func checkCredentials(
        _ parameters: borrowing RequestParameters, isConversion: Bool, nowMilliseconds: Int64, notices: Notices
    ) throws(Refusal) -> CredentialCheck {
        let credentials: SiteCredentials
        do throws(UnusableKeys) {
            credentials = try self.credentials.get()
        } catch {
            notices.keysUnusable(error)
            throw .keysUnusable
        }
        let presented = PresentedCredentials(parameters, accepting: credentials.accepted)
        // An empty answer says that there was nothing to ask about; without one nobody was asked at all.
        if asksNginx, presented.sessionCookiePresent, parameters.sessionAnswer == nil {
            notices.sessionAnswerMissing()
        }
        let check = credentials.begin(
            presented, isConversion: isConversion, nowSeconds: Double(nowMilliseconds) / 1000)
        switch check {
        case .decided(let verdict): return .passed(try scheme(verdict, presented, credentials, notices))
        case .dear(let check):
            return .dear { () throws(Refusal) in
                try self.scheme(check.verdict(), presented, credentials, notices)
            }
        }
    }

    private func scheme(
        _ verdict: Verdict, _ presented: PresentedCredentials, _ credentials: SiteCredentials, _ notices: Notices
    ) throws(Refusal) -> CredentialScheme? {
        switch verdict {
        case .passed(let scheme): return scheme
        case .passedWithout: return nil
        case .tooMany: throw .tooManyCredentials
        case .missing:
            throw .credentialMissing(credentials.ignored(presented), acceptsSessions: credentials.acceptsSessions)
        case .unavailable: throw .sessionUnavailable
        case .refused(let refusals):
            if let fetchedFor, refusals.contains(where: \.fault.isOfMissingKey) { notices.keyMissing(site: fetchedFor) }
            let ignored = credentials.ignored(presented)
            guard let fault = refusals.last?.fault else {
                throw .credentialMissing(ignored, acceptsSessions: credentials.acceptsSessions)
            }
            throw .credentialRefused(reason: fault.name, explanation: fault.description, ignored)
        }
    }
}

/// The sites as they are configured now. A reload exchanges all of them at once; a request that is under way goes on with
/// the site it began with.
final class SiteDirectory: Sendable {
    struct Entry: Sendable {
        let name: String
        let site: Site
        /// Goes up with each reload.
        var generation = 0
    }

    /// Sorted by name.
    private let entries: Mutex<[Entry]>

    init(_ sites: [String: Site]) {
        entries = Mutex(Self.entries(sites, generation: 0))
    }

    private static func entries(_ sites: [String: Site], generation: Int) -> [Entry] {
        sites.map { Entry(name: $0.key, site: $0.value, generation: generation) }.sorted { $0.name < $1.name }
    }

    subscript(name: String) -> Entry? {
        entries.withLock { entries in entries.first { $0.name == name } }
    }

    /// The site that nginx names; nil where it names none that is configured.
    subscript(name: Bytes?) -> Entry? {
        guard let name, !name.isEmpty else { return self[SiteName.fallback] }
        return entries.withLock { entries in entries.first { name.reads($0.name) } }
    }

    /// The names of all sites, sorted.
    var names: [String] {
        entries.withLock { $0.map(\.name) }
    }

    /// Brings `sites` into force, except that a site whose new keys cannot be used goes on as it is if its present ones
    /// can; returns the names of those.
    func replace(with sites: [String: Site]) -> Set<String> {
        entries.withLock { entries in
            let kept = entries.filter { $0.site.hasUsableKeys && sites[$0.name]?.hasUsableKeys == false }
            let goingOn = Dictionary(uniqueKeysWithValues: kept.map { ($0.name, $0.site) })
            let generation = (entries.first?.generation ?? 0) + 1
            entries = Self.entries(sites.merging(goingOn) { $1 }, generation: generation)
            return Set(goingOn.keys)
        }
    }
}

/// The site that a request, or a line of the log, belongs to, as nginx names it.
struct SiteName: Equatable {
    /// What it belongs to when nginx names no site.
    static let fallback = "default"

    let text: String
    /// Whether nginx named it.
    let isGiven: Bool

    /// Reads `fastcgi_param SITE`.
    init(_ parameters: borrowing RequestParameters) {
        self.init(parameters.site?.text ?? "")
    }

    init(_ given: String) {
        isGiven = !given.isEmpty
        text = isGiven ? given : Self.fallback
    }
}

/// A configuration with every secret and key that it names read.
struct LoadedConfiguration {
    /// All sites, those among them whose keys cannot be used.
    let sites: [String: Site]
    /// Why the keys of some sites cannot be used, in the order of the sites' names.
    let unusableKeys: [UnusableKeys]
    let subjectSecret: SubjectSecret
    /// What is allowed and yet deserves a word.
    let warnings: [ConfigurationError]

    /// Throws when the subject secret cannot be used, which is every site's.
    init(_ configuration: Configuration) throws(ConfigurationErrors) {
        do throws(ConfigurationError) {
            subjectSecret = try SubjectSecret(file: configuration.responder.subjectSecret)
        } catch {
            throw ConfigurationErrors([error])
        }
        var sites: [String: Site] = [:]
        var unusableKeys: [UnusableKeys] = []
        var warnings = configuration.warnings + subjectSecret.warnings
        for (name, configuration) in configuration.sites.sorted(by: { $0.key < $1.key }) {
            do throws(ConfigurationErrors) {
                let credentials = try SiteCredentials(site: configuration)
                sites[name] = Site(configuration, .success(credentials), name: name)
                warnings += credentials.warnings
            } catch {
                let unusable = UnusableKeys(site: name, errors: error.ofSite(name))
                sites[name] = Site(configuration, .failure(unusable))
                unusableKeys.append(unusable)
            }
        }
        self.sites = sites
        self.unusableKeys = unusableKeys
        self.warnings = warnings
    }
}
