/// Why a text was refused, and how far it was read. It never quotes the text.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of fault that are told apart.
    public enum Fault: Sendable, Equatable {
        case byteOrderMark
        /// It begins as gzip does.
        case compressed
        case notAnObject
        case notAnArray
        /// It has `//` or `/*` where JavaScript has comments.
        case comment
        case malformed
        case truncated
        case trailingText
        case duplicateMember
        case invalidUTF8
        case loneSurrogate
        case nul
        case tooDeep
        case numberOutOfRange
    }

    public var fault: Fault
    /// How many bytes were read when the fault showed, counted from the start of the text.
    public var byteOffset: Int

    public init(_ fault: Fault, byteOffset: Int) {
        self.fault = fault
        self.byteOffset = byteOffset
    }

    /// One line in plain words, such as `the JSON has a member twice (at byte 41)`.
    public var description: String {
        "\(explanation) (at byte \(byteOffset))"
    }

    private var explanation: String {
        switch fault {
        case .byteOrderMark: "the JSON begins with a byte order mark, which must be left out"
        case .compressed: "the JSON is compressed with gzip, and has to come as it is"
        case .notAnObject: "the JSON is not an object in braces"
        case .notAnArray: "the JSON is not an array in brackets"
        case .comment: "the JSON has a comment, and JSON has no comments"
        case .malformed: "the JSON is malformed"
        case .truncated: "the JSON ends too early"
        case .trailingText: "the JSON is followed by more text"
        case .duplicateMember: "the JSON has a member twice in one object"
        case .invalidUTF8: "the JSON is not valid UTF-8"
        case .loneSurrogate: "the JSON has an escape that is half of a surrogate pair"
        case .nul: "the JSON has a NUL character"
        case .tooDeep: "the JSON is nested too deeply"
        case .numberOutOfRange: "the JSON has a number too large for a double"
        }
    }
}
