/// A journal's own id: 16 random bytes, made when the file is, so that a store can tell its journal from any other.
public struct JournalID: Hashable, Sendable {
    /// The bytes, the first in the highest place.
    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }

    static func random() -> JournalID {
        JournalID(UInt128.random(in: .min ... .max))
    }
}
