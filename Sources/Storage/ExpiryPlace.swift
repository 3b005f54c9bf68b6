/// How far a store has come in looking for subjects that have expired. Only the store that gave it can read it.
public struct ExpiryPlace: Hashable, Sendable {
    public let ruleNumber: Int64
    public let subject: UInt128

    public init(ruleNumber: Int64, subject: UInt128) {
        self.ruleNumber = ruleNumber
        self.subject = subject
    }
}
