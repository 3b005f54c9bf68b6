import EventLoop
import Logging
import Daemon
import Synchronization

/// What the sysadmin has to know of how nginx is set up, said when a request shows it, and not for every request.
final class Notices: Sendable {
    private enum Kind: Hashable {
        case siteUnknown
        /// By the site's name. Only sites that were configured have such.
        case keysUnusable(String)
        case requestIDMissing
        case sessionAnswerMissing
    }

    private struct State {
        var limiter = LogLimiter<Kind>()
        var warned: Set<Kind> = []
    }

    private let logger: Logger
    private let earlyFetch: EarlyFetch?
    private let state = Mutex(State())

    init(logger: Logger, earlyFetch: EarlyFetch? = nil) {
        self.logger = logger
        self.earlyFetch = earlyFetch
    }

    func siteUnknown(_ site: SiteName, known: [String]) {
        state.withLock {
            $0.limiter.log(
                .siteUnknown, Self.advice(site, known), level: .error, to: logger,
                nowMilliseconds: MonotonicClock.nowMilliseconds())
        }
    }

    private static func advice(_ site: SiteName, _ known: [String]) -> String {
        let list = known.joined(separator: ", ")
        guard site.isGiven else {
            return "nginx names no site, and no site is called 'default': set 'fastcgi_param SITE' to one of \(list)"
        }
        return "nginx names the site '\(site.text.escaped())', which the configuration lacks: "
            + "set 'fastcgi_param SITE' to one of \(list), or add the site"
    }

    func keysUnusable(_ unusable: UnusableKeys) {
        state.withLock {
            $0.limiter.log(
                .keysUnusable(unusable.site),
                "requests are answered 503: \(unusable.errors.errors.map(\.description).joined(separator: "; "))",
                level: .error, to: logger, nowMilliseconds: MonotonicClock.nowMilliseconds())
        }
    }

    /// A token asks for a key that is not in the set which was fetched for the site.
    func keyMissing(site: String) {
        // A flood of such tokens costs no text each.
        var missing: String { "a token asks for a key that the key set of site '\(site)' lacks" }
        switch earlyFetch?.ask(nowMilliseconds: MonotonicClock.nowMilliseconds()) {
        case .asked: logger.notice("\(missing); asked for key sets to be fetched")
        case .failed(let path, let reason):
            logger.warning("\(missing), which nobody fetches before its time: \(path) cannot be made (\(reason))")
        case .tooSoon, nil: break
        }
    }

    func requestIDMissing() {
        warnOnce(
            .requestIDMissing,
            "nginx hands down no REQUEST_ID, so a retry of its is a second event: set 'fastcgi_param REQUEST_ID $request_id'"
        )
    }

    func sessionAnswerMissing() {
        warnOnce(
            .sessionAnswerMissing,
            "nginx hands down no SESSION_ANSWER for a session cookie, which then does not count: "
                + "set 'fastcgi_param SESSION_ANSWER' by auth_request, or configure another 'session'")
    }

    private func warnOnce(_ kind: Kind, _ message: String) {
        let isFirst = state.withLock { $0.warned.insert(kind).inserted }
        if isFirst { logger.warning("\(message)") }
    }
}
