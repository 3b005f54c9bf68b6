import ArgumentParser
import ConfigurationFile
import Credentials
import Daemon
import HTTPRequests

struct FetchKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch-keys",
        abstract: "Fetch the key sets that sites name by a URL.",
        discussion: """
            For each site whose jwt.jwks is a URL, asks that URL over TLS and writes the answer to a file of the site's in the \
            directory that responder.keysDirectory names, where the responder reads it. The server's certificate has to be \
            signed by whom Debian trusts. A redirect is followed to the same host and port, three times at most.

            An answer takes the place of the one before only if the site can use it: at most \(KeySetFetch.answerKibibytesMax) \
            KiB, a JWKS, no private or secret key in it, and a key for one of jwt.algorithms. Otherwise the file stays as it \
            is, and the other sites' keys are fetched all the same. What changed is printed, by the ids of the keys; nothing is \
            where nothing has changed, and where no site names a URL.

            The responder goes on with the keys that it has read until it is reloaded. Debian's package does all of this every \
            15 minutes, and at once by:
              systemctl start rule-outcomes-keys

            The exit status is 69 when an answer could not be had or is of no use, and 74 when a file could not be written.
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: ArgumentHelp("Fetch for this site alone.", valueName: "name"))
    var site: String?

    @Option(help: ArgumentHelp("How long one request may take, from 1 to 300.", valueName: "seconds"))
    var timeout = 20

    @Option(
        help: ArgumentHelp(
            "A file of certificates in PEM, of those who may sign a server's, in place of whom Debian trusts.",
            valueName: "path"))
    var authorities: String?

    func validate() throws {
        guard (1...300).contains(timeout) else { throw ValidationError("--timeout must be from 1 to 300 seconds") }
    }

    func run() async throws {
        let sites = try sites(of: configuration.load())
        guard !sites.isEmpty else { return }
        let fetch = KeySetFetch(timeoutSeconds: timeout, authorities: authorities)
        var failures: [KeySetFailure] = []
        for site in sites {
            do throws(KeySetFailure) {
                if let change = try await site.renew(by: fetch) {
                    Output.standard.write("site '\(site.name)': \(change)\n")
                }
            } catch {
                failures.append(error)
                Output.error.write("Error: site '\(site.name)': \(error.text)\n")
            }
        }
        guard failures.isEmpty else {
            throw CommandFailure(failures, siteCount: sites.count)
        }
    }

    /// Those that name a URL, in the order of their names.
    private func sites(of configuration: Configuration) throws(CommandFailure) -> [FetchedSite] {
        guard let site else {
            return configuration.sites.compactMap(FetchedSite.init).sorted { $0.name < $1.name }
        }
        let entry = (key: site, value: try ConfigurationOptions.site(site, of: configuration))
        guard let fetched = FetchedSite(entry) else {
            throw .data("site '\(site)' names no URL: jwt.jwks would be one that begins with https://")
        }
        return [fetched]
    }
}

/// A site whose key set is fetched.
private struct FetchedSite {
    let name: String
    private let url: HTTPSURL
    private let file: KeySetFile
    private let algorithms: Set<SignatureAlgorithm>

    init?(_ entry: (key: String, value: SiteConfiguration)) {
        guard let jwt = entry.value.jwt, let jwks = jwt.jwks, let source = jwks.source else { return nil }
        name = entry.key
        url = source
        file = KeySetFile(jwks)
        algorithms = jwt.algorithms
    }

    /// Fetches the set and writes it; nil where it is the one that is there.
    func renew(by fetch: KeySetFetch) async throws(KeySetFailure) -> KeySetChange? {
        let contents = try await fetch.contents(of: url)
        let set: PublishedKeySet
        do throws(PublishedKeySet.Fault) {
            set = try PublishedKeySet(contents, algorithms: algorithms)
        } catch {
            throw .answer("what \(url.shown) answers \(error)")
        }
        let earlier = file.contents
        guard contents != earlier else { return nil }
        try file.write(contents)
        return KeySetChange(
            from: earlier.flatMap { try? PublishedKeySet($0, algorithms: algorithms) }, to: set)
    }
}

/// Why a site's key set is not renewed.
struct KeySetFailure: Error, Equatable {
    /// What is wrong and what would be right. Nothing of an answer stands in it, and no query.
    let text: String
    /// Whether it is the file and not the answer.
    let isOfFile: Bool

    static func answer(_ text: String) -> KeySetFailure {
        KeySetFailure(text: text, isOfFile: false)
    }

    static func file(_ text: String) -> KeySetFailure {
        KeySetFailure(text: text, isOfFile: true)
    }
}

extension CommandFailure {
    fileprivate init(_ failures: [KeySetFailure], siteCount: Int) {
        let sites = siteCount == 1 ? "1 site" : "\(siteCount) sites"
        let message = "the keys of \(failures.count) of \(sites) are not renewed; what was there before stays"
        self = failures.contains(where: \.isOfFile) ? .inputOutput(message) : .unavailable(message)
    }
}
