import ConfigurationFile
import Credentials

/// What is wrong with the files that a configuration names, read as the responder reads them.
struct ConfigurationCheck {
    private(set) var errors: [ConfigurationError] = []
    private(set) var warnings: [ConfigurationError] = []

    init(_ configuration: Configuration) async {
        do throws(ConfigurationError) {
            _ = try SubjectSecret(file: configuration.responder.subjectSecret)
        } catch {
            errors.append(error)
        }
        for (_, site) in configuration.sites.sorted(by: { $0.key < $1.key }) {
            await check(site)
        }
    }

    private mutating func check(_ site: SiteConfiguration) async {
        // A site's keys are read in turn up to the first mistake, so the files that cannot be read are looked for first.
        for file in [site.jwt?.secret, site.jwt?.publicKey, site.jwt?.jwks].compactMap(\.self) {
            do throws(ConfigurationError) {
                _ = try file.contents()
            } catch {
                errors.append(error)
            }
        }
        do throws(ConfigurationError) {
            warnings += try await SiteCredentials(site: site).warnings
        } catch {
            // Possibly one of those above; whoever prints them keeps one of two that are the same.
            errors.append(error)
        }
    }

    /// A warning as compilers put it.
    static func marked(_ warning: ConfigurationError) -> ConfigurationError {
        var marked = warning
        marked.message = "warning: \(warning.message)"
        return marked
    }
}
