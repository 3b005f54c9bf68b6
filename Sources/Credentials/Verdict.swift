import ConfigurationFile

/// What a request's credentials are worth.
public enum Verdict: Sendable, Equatable {
    /// A credential that was looked at and does not verify.
    public struct Refusal: Sendable, Equatable {
        public var scheme: CredentialScheme
        public var fault: CredentialFault

        public init(scheme: CredentialScheme, fault: CredentialFault) {
            self.scheme = scheme
            self.fault = fault
        }
    }

    /// This one verifies.
    case passed(by: CredentialScheme)
    /// None is presented and none is required.
    case passedWithout
    /// None is presented and one is required.
    case missing
    /// None that is presented verifies; why, in the order in which they were looked at, never empty.
    case refused([Refusal])
    /// Whoever knows the session could not be asked, and nothing else verifies.
    case unavailable
    /// More are presented than are looked at.
    case tooMany
}
