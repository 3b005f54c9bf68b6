import ArgumentParser
import ConfigurationFile

/// Where the analytics are served.
struct AnalyticsOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "The aggregator's analytics socket. Without it the configuration is read for aggregator.analyticsSocket.",
            valueName: "path"))
    var socket: String?

    /// The configuration is not read when the socket is named, so that whoever may read reports needs no more.
    func socketPath() throws(CommandFailure) -> String {
        if let socket { return socket }
        do throws(CommandFailure) {
            return try configuration.load().aggregator.analyticsSocket
        } catch {
            throw error.adding("Whoever may not read it names the socket instead: --socket PATH")
        }
    }
}
