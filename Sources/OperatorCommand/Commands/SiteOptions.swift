import ArgumentParser

/// The site, for commands that are about one.
struct SiteOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The site, by its name in the configuration.", valueName: "name"))
    var site = "default"
}
