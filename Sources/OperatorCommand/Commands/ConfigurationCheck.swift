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
            do throws(ConfigurationErrors) {
                warnings += try await SiteCredentials(site: site).warnings
            } catch {
                errors += error.errors
            }
        }
    }

    /// A warning as compilers put it.
    static func marked(_ warning: ConfigurationError) -> ConfigurationError {
        var marked = warning
        marked.message = "warning: \(warning.message)"
        return marked
    }
}
