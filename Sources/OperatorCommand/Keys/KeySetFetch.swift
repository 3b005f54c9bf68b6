import ConfigurationFile
import Daemon
import HTTPRequests

/// Asks URLs for key sets, without trust in who answers.
struct KeySetFetch {
    static let answerKibibytesMax = 256
    private static let redirectsMax = 3

    private let client: HTTPClient
    private let timeoutSeconds: Int

    /// - Parameters:
    ///   - timeoutSeconds: For each request, to the last byte of the answer.
    ///   - authorities: A file of those who may sign certificates; nil for those that Debian trusts.
    init(timeoutSeconds: Int, authorities: String?) {
        var options = HTTPClient.Options()
        options.authorities = authorities
        client = HTTPClient(options)
        self.timeoutSeconds = timeoutSeconds
    }

    /// What `url` answers, or what it redirects to on the same host and port.
    func contents(of url: HTTPSURL) async throws(KeySetFailure) -> [UInt8] {
        var place = url
        for _ in 0...Self.redirectsMax {
            let answer = try await answer(of: place)
            switch answer.status {
            case 200: return answer.body
            case 301, 302, 303, 307, 308: place = try Self.target(of: answer, from: place)
            default: throw .answer("\(place.shown) answers \(answer.status), not 200")
            }
        }
        throw .answer("\(url.shown) redirects more than \(Self.redirectsMax) times: name where that ends in jwt.jwks")
    }

    private func answer(of url: HTTPSURL) async throws(KeySetFailure) -> HTTPResponse {
        var request = HTTPRequest(
            url: url.text, timeoutSeconds: timeoutSeconds, answerBytesMax: Self.answerKibibytesMax << 10)
        request.headers.add("Accept", "application/jwk-set+json, application/json")
        request.headers.add("User-Agent", "rule-outcomes/\(Version.current)")
        do throws(HTTPFailure) {
            return try await client.send(request)
        } catch {
            let limit = error == .tooLong ? " for a key set, which may have \(Self.answerKibibytesMax) KiB" : ""
            throw .answer("\(url.shown): \(error)\(limit)")
        }
    }

    /// Another host is another's word: whoever may redirect there has no right to say whose keys are taken.
    private static func target(of answer: HTTPResponse, from url: HTTPSURL) throws(KeySetFailure) -> HTTPSURL {
        guard let target = answer.headers.first(name: "Location").flatMap(url.resolving) else {
            throw .answer("\(url.shown) redirects to something else than an https URL")
        }
        guard target.origin == url.origin else {
            let remedy = "name the URL there in jwt.jwks if you trust it"
            throw .answer("\(url.shown) redirects to another host or port, \(target.origin): \(remedy)")
        }
        return target
    }
}
