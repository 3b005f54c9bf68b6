import ArgumentParser
import ConfigurationFile

/// The configuration, for commands that read it.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration.", valueName: "path"))
    var config = Configuration.defaultPath

    func load() throws(CommandFailure) -> Configuration {
        do throws(ConfigurationErrors) {
            return try Configuration.load(path: config)
        } catch {
            throw .configuration(error)
        }
    }

    /// The site called `name`, from the whole configuration.
    static func site(_ name: String, of configuration: Configuration) throws(CommandFailure) -> SiteConfiguration {
        guard let site = configuration.sites[name] else {
            let names = configuration.sites.keys.sorted().joined(separator: ", ")
            throw .data("the configuration has no site '\(name.escapedForTerminal)'; its sites are \(names)")
        }
        return site
    }
}
