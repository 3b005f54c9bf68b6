import ArgumentParser
import ConfigurationFile
import Credentials
import Daemon
import Records

struct ForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Erase visitors.",
        discussion: """
            Reads tracking ids, the values of the cookie blaize_tracking_id, on standard input, one a line, and erases what \
            the aggregator keeps of them: from its store and from its journal, for every rule version. What was counted of \
            them stays counted, as numbers that say nothing of anybody. The ids themselves are kept nowhere, and not shown.

            It needs the subject secret and both of the aggregator's sockets, so run it as the responder's user. It returns when \
            nothing is left in any file, and says on standard error what it is doing or waiting for: a program that reads \
            the files, such as a backup, keeps what was in them until it ends. When this command is ended after it \
            said "erasing", the aggregator goes on. Backups, and what restore moved aside, are for you to see to. Who visits again is recorded again, unless nginx excludes \
            them.

            Examples:
              sudo -u rule-outcomes rule-outcomes forget < ids.txt
              echo 3c0a1f2e-8d5b-4c6f-9a7e-112233445566 |
                sudo -u rule-outcomes rule-outcomes forget \\
                  --site magazine.example
            """)

    @Option(
        help: """
            The site whose visitors they are. Without it they are erased from every site, those that the configuration no \
            longer has and the aggregator has records of among them.
            """)
    var site: String?

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.load()
        let analytics = AnalyticsClient(socket: configuration.aggregator.analyticsSocket)
        var sites = try await sites(of: configuration, analytics)
        let trackingIDs = try TrackingIDInput.read()
        let key = try Self.key(configuration)
        let client = try AggregatorClient(socket: configuration.aggregator.socket, epoch: key.epoch)
        var done: Set<String> = []
        var count = 0
        repeat {
            let subjects = sites.sorted().flatMap { site in
                trackingIDs.map { key.subject(site: site, trackingID: $0) }
            }
            count += try client.forget(subjects) { text in
                Output.error.write("\(text.escapedForTerminal)\n")
            }
            done.formUnion(sites)
            // All that was durable is counted by now, so a site that was only in the journal is known.
            sites = site == nil ? try await Self.recordedSites(analytics).subtracting(done) : []
        } while !sites.isEmpty
        Output.standard.write(Self.summary(ids: trackingIDs.count, rules: count) + "\n")
    }

    /// A site that was taken out of the configuration, or renamed there, still has its visitors in the aggregator's files.
    private func sites(
        of configuration: Configuration, _ analytics: AnalyticsClient
    ) async throws(CommandFailure) -> Set<String> {
        if let site, configuration.sites[site] != nil { return [site] }
        let recorded = try await Self.recordedSites(analytics)
        let strangers = recorded.subtracting(configuration.sites.keys)
        guard let site else {
            for stranger in strangers.sorted() {
                Output.error.write(
                    "'\(stranger.escapedForTerminal)' is not in the configuration any more; its visitors are erased, too\n"
                )
            }
            return recorded.union(configuration.sites.keys)
        }
        guard strangers.contains(site) else {
            throw ConfigurationOptions.noSite(site, of: configuration, others: strangers)
        }
        return [site]
    }

    /// The sites that the aggregator has records of.
    private static func recordedSites(_ analytics: AnalyticsClient) async throws(CommandFailure) -> Set<String> {
        Set(try await analytics.status().dimensions.map(\.site))
    }

    private static func key(_ configuration: Configuration) throws(CommandFailure) -> SubjectKey {
        do {
            return SubjectKey(secret: try SubjectSecret(file: configuration.responder.subjectSecret).bytes)
        } catch {
            throw .configuration(ConfigurationErrors([error]))
        }
    }

    static func summary(ids: Int, rules: Int) -> String {
        let visitors = ids == 1 ? "1 tracking id" : "\(ids) tracking ids"
        guard rules > 0 else { return "\(visitors): nothing was kept" }
        return "\(visitors): erased, \(rules) counting once for each rule version"
    }
}

/// Tracking ids from standard input, one a line.
enum TrackingIDInput {
    /// Every line must be one; an error names the line by its number, and never quotes it.
    static func read() throws(CommandFailure) -> [TrackingID] {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return try parse(lines)
    }

    /// As a browser shows the cookie, so quotes around one are no part of it. Empty lines are passed over, and so is a
    /// carriage return at a line's end.
    static func parse(_ lines: [String]) throws(CommandFailure) -> [TrackingID] {
        var ids: [TrackingID] = []
        for (index, line) in lines.enumerated() {
            var bytes = Array(line.utf8)[...]
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard !bytes.isEmpty else { continue }
            do throws(TrackingID.Fault) {
                ids.append(try TrackingID(cookieValue: bytes))
            } catch {
                throw .data(
                    "line \(index + 1) is no tracking id: one is 1 to \(Limits.trackingIDBytesMax) bytes, without spaces, "
                        + "quotes, commas, semicolons or backslashes; nothing is erased")
            }
        }
        guard !ids.isEmpty else { throw .data("no tracking id on standard input; write one a line") }
        return ids
    }
}
