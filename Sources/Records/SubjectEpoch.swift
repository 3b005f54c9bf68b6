/// Which secret subjects are made under: 16 bytes that depend on it alone and tell nothing of it.
///
/// Under a new secret every visitor is a new subject, so what is counted before and after does not add up.
public struct SubjectEpoch: Hashable, Sendable {
    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }
}
