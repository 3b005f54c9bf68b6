/// The pseudonym of a visitor: the first 16 bytes of HMAC-SHA-256, under a secret of the installation, over site and
/// tracking id. The tracking id itself never leaves the responder.
///
/// Pseudonyms are personal data still, so a subject has no description and belongs in no log.
public struct Subject: Hashable, Comparable, Sendable {
    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }

    public static func < (left: Subject, right: Subject) -> Bool {
        left.value < right.value
    }
}
