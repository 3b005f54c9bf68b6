import ArgumentParser
import ConfigurationFile
import Credentials
import FoundationEssentials
import Glibc
import HTTPRequests
import Records

/// Sends exposures and conversions to the endpoint as pages do.
struct EndpointSender: Sendable {
    private struct Body: Encodable {
        let ruleId: String
        let outcomeId: String
        /// Left out where it is nil.
        let conversion: String?
    }

    /// The last answer to a step, and how many attempts it took.
    struct Reply {
        let status: Int
        let reason: String
        let attempts: Int
    }

    private static let timeoutSeconds = 10
    private static let answerBytesMax = 64 * 1024

    let client: HTTPClient
    let url: EndpointURL
    let ruleID: String
    let credentials: SimulatedCredentials

    /// Throws when nothing answers. What is sent is neither exposure nor conversion.
    func probe() async throws(CommandFailure) {
        do {
            _ = try await client.send(Self.request(to: url.conversions))
        } catch {
            throw .unavailable(explanation(error))
        }
    }

    /// Sends the step until it is answered for good.
    func send(_ step: SimulationPlan.Step, of visitor: SimulatedVisitor) async throws -> Reply {
        var schedule = RetrySchedule()
        while true {
            schedule.begin()
            switch await attempt(try request(step, of: visitor)) {
            case (.final(let status, let reason), _):
                return Reply(status: status, reason: reason, attempts: schedule.attempts)
            case (.again(let reason), let retryAfterSeconds):
                guard !schedule.isExhausted else {
                    let count = RetrySchedule.attemptsMax
                    throw CommandFailure.unavailable("\(step.noun) was not recorded in \(count) attempts: \(reason)")
                }
                try await Task.sleep(for: schedule.pause(retryAfterSeconds: retryAfterSeconds))
            }
        }
    }

    private func attempt(_ request: HTTPRequest) async -> (EndpointAnswer, retryAfterSeconds: Int?) {
        do {
            let response = try await client.send(request)
            let answer = EndpointAnswer(status: response.status, body: String(decoding: response.body, as: UTF8.self))
            return (answer, response.headers.first(name: "Retry-After").flatMap { Int($0) })
        } catch {
            return (.again(reason: explanation(error)), nil)
        }
    }

    /// Why no answer came, in words for whoever can do something about it.
    private func explanation(_ failure: HTTPFailure) -> String {
        let name = url.description.escapedForTerminal
        return "\(name) cannot be reached (\(failure)): is nginx running, and listening there?"
    }

    private static func request(to url: String, method: String = "GET") -> HTTPRequest {
        HTTPRequest(url: url, method: method, timeoutSeconds: timeoutSeconds, answerBytesMax: answerBytesMax)
    }

    private func request(_ step: SimulationPlan.Step, of visitor: SimulatedVisitor) throws -> HTTPRequest {
        let key = step.key
        var request = Self.request(to: key.conversion == nil ? url.exposures : url.conversions, method: "POST")
        let body = Body(ruleId: ruleID, outcomeId: key.outcomeID, conversion: key.conversion)
        request.body = Array(try JSONEncoder().encode(body))
        request.headers.add("Content-Type", "application/json")
        if let program = visitor.program { request.headers.add("User-Agent", program) }
        var cookies = "blaize_tracking_id=\(visitor.trackingID)"
        if let place = step.place, let token = try credentials.token(visitor: step.visitor) {
            switch place {
            case .bearer: request.headers.add("Authorization", "Bearer \(token)")
            case .zephrHeader: request.headers.add("X-Zephr-Jwt", token)
            case .blaizeHeader: request.headers.add("X-Blaize-Jwt", token)
            case .cookie: cookies += "; blaize_jwt=\(token)"
            case .query, .session: preconditionFailure("tokens are not put there")
            }
        }
        request.headers.add("Cookie", cookies)
        return request
    }
}

/// What an answer of the endpoint means for whoever sent an exposure or a conversion.
enum EndpointAnswer: Equatable {
    /// No other answer will come of it: with 201 it is durable, with any other it is never counted.
    case final(status: Int, reason: String)
    /// It may or may not be counted: it is to be sent again, which is always safe.
    case again(reason: String)

    private static let reasonCharactersMax = 200

    /// `body` is what says why, in one line.
    init(status: Int, body: String) {
        let line = body.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let reason = "\(status) \(line.prefix(Self.reasonCharactersMax))".escapedForTerminal
        self = [429, 502, 503, 504].contains(status) ? .again(reason: reason) : .final(status: status, reason: reason)
    }
}

/// The addresses of the endpoint, given by scheme, host and port: `https://www.example.com:8443`.
struct EndpointURL: ExpressibleByArgument, Equatable, CustomStringConvertible {
    /// As it was given, without a path.
    let description: String

    /// Where exposures are recorded.
    var exposures: String { description + Door.exposuresPath }
    /// Where conversions are recorded.
    var conversions: String { description + Door.conversionsPath }

    init?(argument: String) {
        let origin = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        guard let url = URL(string: origin), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            url.host()?.isEmpty == false, url.path().isEmpty, url.query() == nil, url.fragment() == nil,
            url.user() == nil
        else { return nil }
        description = origin
    }
}

/// When to try again, and how often: for about half a minute altogether.
struct RetrySchedule {
    static let attemptsMax = 10
    private static let pauseMax = Duration.seconds(5)

    private(set) var attempts = 0

    /// Begins the next attempt.
    mutating func begin() {
        attempts += 1
    }

    var isExhausted: Bool { attempts >= Self.attemptsMax }

    /// How long to wait after the last attempt: twice as long each time, and no shorter than was asked for.
    func pause(retryAfterSeconds: Int?) -> Duration {
        let backoff = Duration.milliseconds(100 << min(max(attempts - 1, 0), 16))
        let asked = Duration.seconds(min(max(retryAfterSeconds ?? 0, 0), 60))
        return min(max(backoff, asked), Self.pauseMax)
    }
}

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
