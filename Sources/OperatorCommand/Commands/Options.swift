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
        guard let site = configuration.sites[name] else { throw noSite(name, of: configuration) }
        return site
    }

    /// - Parameter others: further sites that may have been meant.
    static func noSite(
        _ name: String, of configuration: Configuration, others: Set<String> = []
    ) -> CommandFailure {
        let names = configuration.sites.keys.sorted()
        let meant = SuggestedName(for: name, among: names + others.subtracting(names).sorted()).name
        let remedy =
            meant.map { "did you mean '\($0.escapedForTerminal)'?" } ?? "its sites are \(names.joined(separator: ", "))"
        return .data("the configuration has no site '\(name.escapedForTerminal)'; \(remedy)")
    }
}

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

/// The site, for commands that are about one.
struct SiteOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The site, by its name in the configuration.", valueName: "name"))
    var site = "default"
}

/// The forms of what has no CSV.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
}

/// The forms of a report.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json, ndjson, xlsx, html, svg, zephr
    case zephrDaily = "zephr-daily"
}

/// How long a token is good for: `90`, `90s`, `15m`, `1h` or `7d`; a number alone is seconds. Negative for one that has
/// expired already.
struct Lifetime: ExpressibleByArgument, Equatable, CustomStringConvertible {
    let seconds: Int64

    /// A hundred years, beyond which no clock of a site will go.
    static let secondsMax: Int64 = 100 * 366 * 86_400

    init(seconds: Int64) {
        self.seconds = seconds
    }

    init?(argument: String) {
        var digits = argument[...]
        let unit = digits.last.flatMap { Self.secondsByUnit[$0] }
        if unit != nil { digits.removeLast() }
        guard !digits.hasPrefix("+"), let count = Int64(digits) else { return nil }
        let (seconds, overflows) = count.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflows, (-Self.secondsMax...Self.secondsMax).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    private static let secondsByUnit: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    /// In the largest unit that it is a whole number of.
    var description: String {
        let unit = Self.secondsByUnit.filter { seconds % $0.value == 0 }.max { $0.value < $1.value }
        return unit.map { "\(seconds / $0.value)\($0.key)" } ?? "\(seconds)s"
    }
}
