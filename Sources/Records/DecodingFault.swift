/// Why bytes are no record or frame. Says nothing of the bytes themselves.
public enum DecodingFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes end before what they announce.
    case truncated
    /// Bytes are left over.
    case trailing
    /// A text is empty or over its limit.
    case textLength
    /// A text is not UTF-8 or holds a control character.
    case notText
    /// A record of a kind that this version does not know.
    case unknownKind(UInt8)

    public var description: String {
        switch self {
        case .truncated: "it ends before what it announces"
        case .trailing: "bytes are left over at its end"
        case .textLength: "a text in it is empty or over its limit"
        case .notText: "a text in it is not UTF-8 or holds a control character"
        case .unknownKind(let kind): "it holds a record of unknown kind \(kind)"
        }
    }
}
