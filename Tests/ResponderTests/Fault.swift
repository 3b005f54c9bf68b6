import ConfigurationFile
import FastCGI
import Records
import Testing

@testable import Responder

/// What may be wrong with a request, in the order in which it is looked for.
enum Fault: CaseIterable, CustomTestStringConvertible {
    case otherPath
    case unknownSite
    case parametersTooLarge
    case otherMethod
    case analyticsOff
    case originNotListed, crossSiteWithoutOrigin, originIsNone
    case excluded
    case contentTypeMissing, contentTypeOther, contentEncoded
    case bodyTooLarge
    case bodyNotJSON
    case fieldMissing
    case trackingIDMissing
    case trackingIDTooLong, trackingIDNoCookie
    case credentialMissing, credentialRefused, tooManyCredentials, sessionUnavailable
    case notForwarded

    /// Faults of one row never meet in a request.
    var row: Int {
        switch self {
        case .otherPath: 1
        case .unknownSite: 2
        case .parametersTooLarge: 3
        case .otherMethod: 4
        case .analyticsOff: 5
        case .originNotListed, .crossSiteWithoutOrigin, .originIsNone: 6
        case .excluded: 7
        case .contentTypeMissing, .contentTypeOther, .contentEncoded: 8
        case .bodyTooLarge: 9
        case .bodyNotJSON: 10
        case .fieldMissing: 11
        case .trackingIDMissing: 12
        case .trackingIDTooLong, .trackingIDNoCookie: 13
        case .credentialMissing, .credentialRefused, .tooManyCredentials, .sessionUnavailable: 14
        case .notForwarded: 15
        }
    }

    /// A site that is unknown has no analytics to be off, and a cookie that is missing is not too long.
    private func excludes(_ other: Fault) -> Bool {
        switch (row, other.row) {
        case (2, 5), (12, 13): true
        default: row == other.row
        }
    }

    /// Every two faults that can meet in a request, the one that is looked for earlier first.
    static let pairs = allCases.flatMap { first in
        allCases.filter { first.row <= $0.row && !first.excludes($0) }.map { (first, $0) }
    }

    var testDescription: String {
        "\(self)"
    }

    var fate: ForwardingFate {
        self == .notForwarded ? .journalFull : .durable
    }

    /// The request with this fault added to those that it has.
    func applied(to request: TestRequest) -> TestRequest {
        switch self {
        case .otherPath: request.with("DOCUMENT_URI", "/zephr/public/rule-outcomes/v1/conversion")
        case .unknownSite: request.with("SITE", "nowhere")
        case .parametersTooLarge:
            request.with("HTTP_X_FILLER", String(repeating: "x", count: Limits.parameterBytesMax))
        case .otherMethod: request.with("REQUEST_METHOD", "GET")
        case .analyticsOff: request.with("SITE", "off")
        case .originNotListed: request.with("HTTP_ORIGIN", TestRequest.otherOrigin)
        case .crossSiteWithoutOrigin: request.with("HTTP_ORIGIN").with("HTTP_SEC_FETCH_SITE", "cross-site")
        case .originIsNone: request.with("HTTP_ORIGIN", String(repeating: "a", count: 8000))
        case .excluded: request.with("RULE_OUTCOMES_EXCLUDE", "bot")
        case .contentTypeMissing: request.with("CONTENT_TYPE", "")
        case .contentTypeOther: request.with("CONTENT_TYPE", "text/html")
        case .contentEncoded: request.with("HTTP_CONTENT_ENCODING", "gzip")
        case .bodyTooLarge: request.replacing { $0.otherBody = .tooLarge }
        case .bodyNotJSON: request.replacing { $0.bodyPrefix = "[" }
        case .fieldMissing: request.with(member: "outcomeId", nil)
        case .trackingIDMissing: request.with("HTTP_COOKIE", "a=b")
        case .trackingIDTooLong:
            request.with("HTTP_COOKIE", "blaize_tracking_id=" + String(repeating: "a", count: 257))
        case .trackingIDNoCookie: request.with("HTTP_COOKIE", "blaize_tracking_id=a\\b")
        case .credentialMissing: request.with("HTTP_AUTHORIZATION")
        case .credentialRefused: request.with("HTTP_AUTHORIZATION", "Bearer \(TestTokens.expired)")
        case .tooManyCredentials:
            request.with("QUERY_STRING", String(repeating: "jwt=a&", count: 9))
        case .sessionUnavailable:
            // A parameter of its own, so that the tracking cookie stays as another fault has it.
            request.with("HTTP_AUTHORIZATION").with("SESSION_ANSWER", "unavailable").adding(
                "HTTP_COOKIE", "blaize_session=abc")
        case .notForwarded: request
        }
    }

    /// Answers `request`, with these faults added to it, on an endpoint of its own.
    static func meet(_ faults: [Fault], in request: TestRequest = TestRequest()) async throws -> Meeting {
        let fate = faults.map(\.fate).first { $0 != .durable } ?? .durable
        let sites = ["default": SiteConfiguration.test(), "off": .test { $0.analytics = false }]
        let endpoint = try TestEndpoint(sites: sites, fate: fate)
        // Faults of the cookie replace the header, so that those that add to it come last, as their rows do.
        let faulty = faults.sorted { $0.row < $1.row }.reduce(request) { $1.applied(to: $0) }
        return Meeting(answer: await endpoint.answer(to: faulty), endpoint: endpoint)
    }

    struct Meeting {
        let answer: Response
        let endpoint: TestEndpoint
    }
}
