import ConfigurationFile
import Credentials

/// What is wrong with the files that a configuration names, read as the daemons read them, and what is risky in any.
struct ConfigurationCheck {
    private(set) var errors: [ConfigurationError] = []
    private(set) var warnings: [ConfigurationError]
    /// What the configuration's file of rules declares; nil when it names none, or one with mistakes.
    private(set) var rules: Rules?

    init(_ configuration: Configuration) {
        warnings = configuration.warnings
        do throws(ConfigurationError) {
            warnings += try SubjectSecret(file: configuration.responder.subjectSecret).warnings
        } catch {
            errors.append(error)
        }
        for (name, site) in configuration.sites {
            do throws(ConfigurationErrors) {
                warnings += try SiteCredentials(site: site).warnings
            } catch {
                errors += error.ofSite(name).errors
            }
        }
        readRules(of: configuration)
        errors = errors.inOrder
        warnings = warnings.inOrder
    }

    private mutating func readRules(of configuration: Configuration) {
        guard let path = configuration.rules else { return }
        do throws(ConfigurationErrors) {
            let rules = try Rules.load(path: path, sites: Set(configuration.sites.keys))
            warnings += rules.warnings(sites: configuration.sites, file: path)
            self.rules = rules
        } catch {
            errors += error.errors
        }
    }

    /// A warning as compilers put it.
    static func marked(_ warning: ConfigurationError) -> ConfigurationError {
        var marked = warning
        marked.message = "warning: \(warning.message)"
        return marked
    }

    /// One line for each file that is fine, for whoever asked; `configuration` was read from `path`.
    func summary(of configuration: Configuration, path: String) -> [String] {
        let names = configuration.sites.keys.sorted()
        let count = names.count == 1 ? "1 site" : "\(names.count) sites"
        var lines = ["\(path): fine, \(count): \(names.joined(separator: ", "))"]
        if let rules, let path = configuration.rules {
            lines.append("\(path): fine, \(rules.count == 1 ? "1 rule" : "\(rules.count) rules") declared")
        }
        return lines
    }
}
