import ConfigurationFile

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
