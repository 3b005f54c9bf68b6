import ConfigurationFile
import Credentials

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
                sites[name] = Site(configuration, .success(credentials))
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
