import ConfigurationFile
import Credentials
import Foundation

/// A folder with key files, removed at the end, and the site configurations that name them.
final class TestSite {
    /// The time at which tokens are checked, in seconds since 1970.
    static let nowSeconds: Double = 1_700_000_000

    let keys: TestKeys
    private let folder: URL

    init() throws {
        keys = try TestKeys.shared.get()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("credentials-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func path(_ name: String) -> String {
        folder.appendingPathComponent(name).path
    }

    /// A file that only its owner may get at, unless `mode` says otherwise.
    func file(_ name: String, _ contents: some Sequence<UInt8>, mode: mode_t = 0o600) throws -> KeyFile {
        try Data(contents).write(to: folder.appendingPathComponent(name))
        chmod(path(name), mode)
        return KeyFile(path: path(name), configurationFile: "config.yaml", line: 12)
    }

    func file(_ name: String, _ text: String) throws -> KeyFile {
        try file(name, text.utf8)
    }

    func secret() throws -> KeyFile {
        try file("secret", keys.secret + [UInt8(ascii: "\n")])
    }

    func jwks(_ keys: String...) throws -> KeyFile {
        try file("jwks.json", #"{"keys":[\#(keys.joined(separator: ","))]}"#)
    }

    /// A site that takes tokens signed with the secret and HS256 alone.
    func hs256(
        requireExpiry: Bool = false, issuer: String? = nil, audience: String? = nil
    ) throws -> SiteCredentials {
        try credentials(
            JWTConfiguration(
                secret: secret(), algorithms: [.hs256], requireExpiry: requireExpiry, issuer: issuer, audience: audience
            ))
    }

    func credentials(_ jwt: JWTConfiguration?) throws -> SiteCredentials {
        try SiteCredentials(site: SiteConfiguration(origins: .any, jwt: jwt))
    }

    /// The errors that loading `jwt` ends in; none when it loads.
    func errors(_ jwt: JWTConfiguration) -> [ConfigurationError] {
        do throws(ConfigurationErrors) {
            _ = try SiteCredentials(site: SiteConfiguration(origins: .any, jwt: jwt))
            return []
        } catch {
            return error.errors
        }
    }

    /// The one error that loading `jwt` ends in; nil when it loads, or ends in several.
    func error(_ jwt: JWTConfiguration) -> ConfigurationError? {
        let errors = errors(jwt)
        return errors.count == 1 ? errors.first : nil
    }
}

extension SiteCredentials {
    /// Looks at each credential until one verifies, however long it takes.
    func check(
        _ presented: PresentedCredentials, isConversion: Bool = true, nowSeconds: Double
    ) -> Verdict {
        switch begin(presented, isConversion: isConversion, nowSeconds: nowSeconds) {
        case .decided(let verdict): verdict
        case .dear(let check): check.verdict()
        }
    }

    /// What is left of looking at these; nil where nothing is.
    func dearCheck(_ presented: PresentedCredentials) -> DearCheck? {
        guard case .dear(let check) = begin(presented, nowSeconds: TestSite.nowSeconds) else { return nil }
        return check
    }

    /// What is wrong with `token` where it is all that is presented; nil when it verifies.
    func fault(of token: String, nowSeconds: Double = TestSite.nowSeconds) -> CredentialFault? {
        let presented = PresentedCredentials(tokens: [.init(scheme: .bearer, text: token)])
        guard case .refused(let refusals) = check(presented, nowSeconds: nowSeconds) else { return nil }
        return refusals.first?.fault
    }

    /// Whether `token` verifies where it is all that is presented.
    func passes(_ token: String, nowSeconds: Double = TestSite.nowSeconds) -> Bool {
        let presented = PresentedCredentials(tokens: [.init(scheme: .bearer, text: token)])
        return check(presented, nowSeconds: nowSeconds) == .passed(by: .bearer)
    }
}

extension PresentedCredentials.Token {
    init(scheme: CredentialScheme, text: String) {
        self.init(scheme: scheme, bytes: Array(text.utf8))
    }
}
