/// A text that was read, with all its values.
final class JSONDocument: Sendable {
    let bytes: [UInt8]
    let nodes: [JSONNode]

    init(
        parsing bytes: UnsafeRawBufferPointer, as root: JSONParser.Root, depthMax: Int, refusesDuplicates: Bool = true
    ) throws(JSONError) {
        var parser = JSONParser(bytes, depthMax: depthMax, refusesDuplicates: refusesDuplicates)
        try parser.parse(root)
        self.bytes = Array(bytes)
        nodes = parser.nodes
    }

    func value(at index: Int) -> JSONValue {
        let node = nodes[index]
        return switch node.kind {
        case .object: .object(JSONObject(document: self, index: index))
        case .array: .array(JSONArray(document: self, index: index))
        case .string, .escapedString: .string(text(of: node))
        case .number: .number(bytes.withUnsafeBytes { node.number(in: $0) })
        case .true: .bool(true)
        case .false: .bool(false)
        case .null: .null
        }
    }

    /// The parser has seen that a string is UTF-8, so that decoding changes nothing.
    private func text(of node: JSONNode) -> String {
        bytes.withUnsafeBytes { bytes in
            node.kind == .string
                ? String(decoding: node.source(in: bytes), as: UTF8.self)
                : String(decoding: node.text(in: bytes), as: UTF8.self)
        }
    }
}

/// A JSON object from untrusted text, read strictly.
///
/// The text must be exactly one object (RFC 8259) with nothing but white space around it. Refused are malformed text,
/// a member named twice (also when the names differ in their escapes alone), invalid UTF-8, lone surrogates, NUL (raw
/// or escaped), a byte order mark, nesting deeper than the caller allows, and numbers that no double holds. Names are
/// compared by their bytes: nothing is normalised.
public struct JSONObject: Sendable {
    private let document: JSONDocument
    private let index: Int

    /// Reads `bytes`, of less than 2 GiB, which may go away afterwards.
    ///
    /// - Parameters:
    ///   - depthMax: How deep brackets may nest, the outermost object's being one deep.
    ///   - lastOfDuplicatesCounts: Whether of members with one name the last counts, instead of being refused.
    public init(
        parsing bytes: UnsafeRawBufferPointer, depthMax: Int, lastOfDuplicatesCounts: Bool = false
    ) throws(JSONError) {
        document = try JSONDocument(
            parsing: bytes, as: .object, depthMax: depthMax, refusesDuplicates: !lastOfDuplicatesCounts)
        index = 0
    }

    /// The same for an array of bytes.
    public init(parsing bytes: [UInt8], depthMax: Int, lastOfDuplicatesCounts: Bool = false) throws(JSONError) {
        self = try bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in
                try JSONObject(
                    parsing: buffer, depthMax: depthMax, lastOfDuplicatesCounts: lastOfDuplicatesCounts)
            }
        }.get()
    }

    init(document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    /// How many members the object has.
    public var count: Int {
        document.nodes[index].count
    }

    /// The value of the member `name`, nil when there is none.
    public subscript(name: String) -> JSONValue? {
        var name = name
        let value = name.withUTF8 { name in self.value(UnsafeRawBufferPointer(name)) }
        return value.map { document.value(at: $0) }
    }

    /// Where the value of that member stands, the last one of several.
    private func value(_ name: UnsafeRawBufferPointer) -> Int? {
        document.bytes.withUnsafeBytes { bytes in
            var found: Int?
            var member = index + 1
            let end = document.nodes[index].next
            while member < end {
                if document.nodes[member].isText(name, in: bytes) { found = member + 1 }
                member = document.nodes[member + 1].next
            }
            return found
        }
    }
}

/// A JSON array from untrusted text, read as strictly as a ``JSONObject``.
public struct JSONArray: Sendable, RandomAccessCollection {
    private let document: JSONDocument
    private let elements: [Int]

    /// - Parameter depthMax: How deep brackets may nest, the outermost array's being one deep.
    public init(parsing bytes: UnsafeRawBufferPointer, depthMax: Int) throws(JSONError) {
        self.init(document: try JSONDocument(parsing: bytes, as: .array, depthMax: depthMax), index: 0)
    }

    init(document: JSONDocument, index: Int) {
        self.document = document
        var elements: [Int] = []
        var element = index + 1
        while element < document.nodes[index].next {
            elements.append(element)
            element = document.nodes[element].next
        }
        self.elements = elements
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { elements.count }

    /// The element at `index`, counted from 0.
    public subscript(index: Int) -> JSONValue {
        document.value(at: elements[index])
    }
}

/// A member's or an element's value.
public enum JSONValue: Sendable {
    case string(String)
    /// Integers too; beyond 2⁵³ they are rounded as doubles are.
    case number(Double)
    case bool(Bool)
    case null
    case array(JSONArray)
    case object(JSONObject)
}

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
