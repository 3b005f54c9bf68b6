import ConfigurationFile
import Credentials
import FastCGI

/// A site as requests meet it: its configuration with the keys read.
struct Site: Sendable {
    let hasAnalytics: Bool
    let origins: CrossOrigin
    let credentials: SiteCredentials
    /// Whether a session cookie is worth what nginx says of it.
    private let asksNginx: Bool

    init(_ configuration: SiteConfiguration) async throws(ConfigurationErrors) {
        hasAnalytics = configuration.analytics
        origins =
            switch configuration.origins {
            case .any: .any
            case .list(let list): .listed(list)
            }
        credentials = try await SiteCredentials(site: configuration)
        asksNginx = configuration.session == .nginx
    }

    /// Refuses a request none of whose credentials verifies.
    func checkCredentials(
        _ parameters: Parameters, nowMilliseconds: Int64, notices: Notices
    ) throws(Refusal) {
        let presented = PresentedCredentials(parameters)
        if asksNginx, presented.sessionCookiePresent, presented.sessionAnswer.isEmpty {
            notices.sessionAnswerMissing()
        }
        switch credentials.check(presented, nowSeconds: Double(nowMilliseconds) / 1000) {
        case .passed, .passedWithout: return
        case .tooMany: throw .tooManyCredentials
        case .missing: throw .credentialMissing
        case .unavailable: throw .sessionUnavailable
        case .refused(let refusals):
            guard let fault = refusals.last?.fault else { throw .credentialMissing }
            throw .credentialRefused(reason: fault.name, explanation: fault.description)
        }
    }
}
