import ConfigurationFile
import Credentials
import Glibc

/// The tokens that simulated visitors present.
struct SimulatedCredentials: Sendable {
    /// Every place but the query, since addresses end up in logs, and the session cookie, which is no token.
    private static let places: [CredentialScheme] = [.bearer, .zephrHeader, .blaizeHeader, .cookie]
    private static let lifetimeSeconds: Int64 = 600

    /// Those that the site accepts; empty when no token is presented.
    let places: [CredentialScheme]
    private let minting: TokenMinting?
    private let site: String

    /// A site that requires no credential and has no secret is simulated without tokens.
    init(site: SiteConfiguration, name: String) throws(CommandFailure) {
        minting = try Self.minting(site, name: name)
        places = minting == nil ? [] : Self.places.filter(site.credentialsAccepted.contains)
        guard !places.isEmpty || site.credentialsRequired == .never else {
            let names = Self.places.map(\.rawValue).joined(separator: ", ")
            throw .configuration("site '\(name)' accepts a token in none of the places simulate puts it: \(names)")
        }
        self.site = name
    }

    private static func minting(_ site: SiteConfiguration, name: String) throws(CommandFailure) -> TokenMinting? {
        do throws(TokenMintingError) {
            return try TokenMinting(site: site)
        } catch {
            guard error == .noSecret, site.credentialsRequired == .never else {
                throw CommandFailure(error, site: name)
            }
            return nil
        }
    }

    /// A token for the visitor with that number in the plan. It names nothing of the tracking id.
    func token(visitor: Int) throws(CommandFailure) -> String? {
        do throws(TokenMintingError) {
            return try minting?.token(
                subject: "simulated-visitor-\(visitor)", issuedAtSeconds: Int64(time(nil)),
                lifetimeSeconds: Self.lifetimeSeconds)
        } catch {
            throw CommandFailure(error, site: site)
        }
    }
}
