import ConfigurationFile
import FastCGI

/// A request as nginx hands it down, in which nothing is wrong until a test changes it.
struct TestRequest: Sendable {
    static let path = "/zephr/public/rule-outcomes/v1/conversions"
    static let trackingID = "3c0a1f2e-8d5b-4c6f-9a7e-112233445566"
    static let trackingCookie = "blaize_tracking_id=\(trackingID)"
    static let requestID = "00112233445566778899aabbccddeeff"
    /// An origin that ``TestEndpoint``'s sites list, and one that they do not.
    static let origin = "https://www.example.com"
    static let otherOrigin = "https://www.example.org"

    private(set) var parameters: [(name: String, value: String)] = [
        ("SITE", "default"),
        ("REQUEST_ID", requestID),
        ("REQUEST_METHOD", "POST"),
        ("DOCUMENT_URI", path),
        ("QUERY_STRING", ""),
        ("CONTENT_TYPE", "application/json"),
        ("HTTP_ORIGIN", origin),
        ("HTTP_AUTHORIZATION", "Bearer \(TestTokens.good)"),
        ("HTTP_COOKIE", trackingCookie),
    ]
    /// The body's members, each with its value as JSON.
    var members = [
        (name: "ruleId", value: #""article-22""#),
        (name: "outcomeId", value: #""graph/1#1""#),
        (name: "conversion", value: #""REGISTERED""#),
    ]
    /// What stands before the body's object.
    var bodyPrefix = ""
    /// What stands in place of the body that the members make.
    var otherBody: Body?

    enum Body: Sendable {
        case bytes([UInt8])
        case tooLarge
        case otherLength(bytes: Int, announced: String)
    }

    /// The request with this parameter, once for each value and no more; without it when there is none.
    func with(_ name: String, _ values: String...) -> TestRequest {
        replacing { request in
            request.parameters.removeAll { $0.name == name }
            request.parameters += values.map { (name, $0) }
        }
    }

    /// The request with one more parameter.
    func adding(_ name: String, _ value: String) -> TestRequest {
        replacing { $0.parameters.append((name, value)) }
    }

    /// The request with a body's member whose value is `json`; without it when that is nil.
    func with(member name: String, _ json: String?) -> TestRequest {
        replacing { request in
            request.members.removeAll { $0.name == name }
            if let json { request.members.append((name, json)) }
        }
    }

    func with(body bytes: some Sequence<UInt8>) -> TestRequest {
        replacing { $0.otherBody = .bytes(Array(bytes)) }
    }

    func with(body text: String) -> TestRequest {
        with(body: text.utf8)
    }

    func replacing(_ change: (inout TestRequest) -> Void) -> TestRequest {
        var request = self
        change(&request)
        return request
    }

    /// Of names and values together.
    var parameterBytes: Int {
        parameters.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }

    /// Calls `use` with the request, whose bytes last no longer than that.
    func withRequest(_ use: (Request) -> Void) {
        let parameters = Parameters(parameters)
        let object = members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",")
        switch otherBody ?? .bytes(Array("\(bodyPrefix){\(object)}".utf8)) {
        case .bytes(let bytes):
            bytes.withUnsafeBytes { use(Request(parameters: parameters, body: .bytes($0))) }
        case .tooLarge:
            use(Request(parameters: parameters, body: .tooLarge))
        case .otherLength(let bytes, let announced):
            use(Request(parameters: parameters, body: .otherLength(bytes: bytes, announced: announced)))
        }
    }
}

extension TestRequest {
    /// The request with no credential.
    var bare: TestRequest {
        with("HTTP_AUTHORIZATION")
    }

    /// The request with one more credential, where that scheme has it. A session is good when `token` is.
    func presenting(_ token: String, as scheme: CredentialScheme) -> TestRequest {
        switch scheme {
        case .session:
            adding("HTTP_COOKIE", "blaize_session=abc")
                .with("SESSION_ANSWER", token == TestTokens.good ? "verified" : "refused")
        case .query: with("QUERY_STRING", "a=b&jwt=\(token)&c")
        case .blaizeHeader: adding("HTTP_X_BLAIZE_JWT", token)
        case .zephrHeader: adding("HTTP_X_ZEPHR_JWT", token)
        case .bearer: adding("HTTP_AUTHORIZATION", "Bearer \(token)")
        case .cookie: adding("HTTP_COOKIE", "a=b; blaize_jwt=\(token)")
        }
    }

    /// The request with these values of one parameter, as nginx before 1.23 hands a repeated header down.
    func repeating(_ name: String, _ values: [String]) -> TestRequest {
        values.reduce(self) { $0.adding(name, $1) }
    }
}

/// Secrets, and tokens that were signed with them elsewhere (by Python's `hmac`), so that signing and verifying have
/// nothing in common.
enum TestTokens {
    static let secret = "the secret of the tests' site, which is long enough for HS256"
    static let otherSecret = "the secret of another site, which is long enough for HS256 too"

    /// HS256 under ``secret``; the claims are `{"sub":"reader"}`.
    static let good =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyZWFkZXIifQ.eciIRqKDNRN0ejfDlSLG3ocfMz2ntRBsY4vNThStSQk"
    /// The same under ``otherSecret``.
    static let other =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyZWFkZXIifQ.Cwx57TDA63r0wTFY_nhRdxRdGmTRb96xLW1I-aZhkVM"
    /// Under ``secret``, with the claim `exp` in the year 2001.
    static let expired =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyZWFkZXIiLCJleHAiOjEwMDAwMDAwMDB9"
        + ".0zBF_6egP3NwuEOPddOwy6hzXQedt6QOvzZ1r7qNOSI"
    /// With the algorithm `none` and no signature.
    static let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJyZWFkZXIifQ."
}
