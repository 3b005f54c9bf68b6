/// The id of a rule version or an outcome, or the name of a conversion, as it comes from outside: the same as another
/// when its bytes are. (Swift's own strings are equal when they read the same, whichever way their accents are spelt.)
public struct OpaqueID: Sendable, Hashable, Comparable, ExpressibleByStringLiteral {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public init(stringLiteral text: String) {
        self.text = text
    }

    public static func == (left: OpaqueID, right: OpaqueID) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Sorted by bytes.
    public static func < (left: OpaqueID, right: OpaqueID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}
