import ConfigurationFile
import Credentials

/// A configuration with every secret and key that it names read.
struct LoadedConfiguration {
    let sites: [String: Site]
    let subjectSecret: SubjectSecret
    /// What is allowed and yet deserves a word.
    let warnings: [ConfigurationError]

    /// Throws at the first secret, or the first site, that cannot be used.
    init(_ configuration: Configuration) async throws(ConfigurationErrors) {
        do throws(ConfigurationError) {
            subjectSecret = try SubjectSecret(file: configuration.responder.subjectSecret)
        } catch {
            throw ConfigurationErrors([error])
        }
        var sites: [String: Site] = [:]
        var warnings = configuration.warnings + subjectSecret.warnings
        for (name, configuration) in configuration.sites.sorted(by: { $0.key < $1.key }) {
            let site = try await Site(configuration)
            sites[name] = site
            warnings += site.credentials.warnings
        }
        self.sites = sites
        self.warnings = warnings
    }
}
