import ArgumentParser
import ConfigurationFile
import Credentials
import Glibc
import Daemon

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a token for trying a site's endpoint out.",
        discussion: """
            The token is signed with the site's shared secret (jwt.secret), and names the issuer and the audience that \
            the configuration asks for. It is printed on standard output, with nothing else. Whoever has it may record \
            conversions until it expires.

            Examples:
              rule-outcomes token --lifetime 15m
              rule-outcomes token --lifetime=-5m  # has expired already
              url=http://127.0.0.1:8080/zephr/public/rule-outcomes/v1
              curl -i -H "X-Zephr-Jwt: $(rule-outcomes token)" \\
                -H 'Content-Type: application/json' \\
                -b blaize_tracking_id=try-it-out \\
                -d '{"ruleId": "try", "outcomeId": "graph/1#1",
                     "conversion": "CLICKED"}' "$url/conversions"
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var configuration: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "How long it is good for: seconds, or a number with s, m, h or d. Negative for one that has expired.",
            valueName: "time"))
    var lifetime = Lifetime(seconds: 3600)

    @Option(help: ArgumentHelp("The token's subject (sub). Without it the token names none.", valueName: "name"))
    var subject: String?

    @Option(help: "The algorithm. Without it the first of these that the site allows.")
    var algorithm: SignatureAlgorithm?

    func run() async throws {
        let site = try ConfigurationOptions.site(site.site, of: configuration.load())
        do throws(TokenMintingError) {
            let token = try TokenMinting(site: site).token(
                subject: subject, issuedAtSeconds: Int64(time(nil)), lifetimeSeconds: lifetime.seconds,
                algorithm: algorithm)
            Output.standard.write(token + "\n")
        } catch {
            throw CommandFailure(error, site: self.site.site)
        }
    }
}

extension SignatureAlgorithm: ExpressibleByArgument {
    /// Those that a shared secret signs with; help lists no others.
    public static var allValueStrings: [String] {
        [hs256, hs384, hs512].map(\.rawValue)
    }
}

extension CommandFailure {
    init(_ error: TokenMintingError, site: String) {
        switch error {
        case .secret(let error): self = .configuration(ConfigurationErrors([error]))
        case .noSecret, .noAlgorithm: self = .configuration("site '\(site)': \(error)")
        case .algorithmNotAllowed: self = .data("site '\(site)': \(error)")
        }
    }
}
