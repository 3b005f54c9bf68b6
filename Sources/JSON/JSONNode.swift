import Glibc

/// A value in a text that was read, or an object's member's name. Nodes stand in the order of the text: after an object's, name
/// and value of each member; after an array's, its elements.
struct JSONNode {
    enum Kind: UInt8 {
        case object
        case array
        case string
        /// A string with escapes in it.
        case escapedString
        case number
        case `true`
        case `false`
        case null
    }

    let kind: Kind
    /// Where the text of a string, without its quotation marks, or of a number stands.
    private let start: Int32
    private let end: Int32
    private var nextIndex: Int32 = 0
    private var memberCount: Int32 = 0

    init(_ kind: Kind, _ range: Range<Int>) {
        self.kind = kind
        start = Int32(range.lowerBound)
        end = Int32(range.upperBound)
    }

    /// The index of the node behind this one and all that stands in it.
    var next: Int {
        get { Int(nextIndex) }
        set { nextIndex = Int32(newValue) }
    }

    /// How many members an object has, or elements an array.
    var count: Int {
        get { Int(memberCount) }
        set { memberCount = Int32(newValue) }
    }

    /// The text as it stands.
    func source(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(end)])
    }

    /// A string's text, with what its escapes stand for.
    func text(in bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let source = source(in: bytes)
        return kind == .escapedString ? Self.unescaped(source) : Array(source)
    }

    /// Whether it is this string.
    func isText(_ text: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard kind == .string else { return Self.unescaped(source(in: bytes)).elementsEqual(text) }
        return Self.areEqual(source(in: bytes), text)
    }

    func hasSameText(as other: JSONNode, in bytes: UnsafeRawBufferPointer) -> Bool {
        if kind == .string, other.kind == .string {
            return Self.areEqual(source(in: bytes), other.source(in: bytes))
        }
        return text(in: bytes) == other.text(in: bytes)
    }

    /// A number as the nearest double; not finite where it is beyond them.
    func number(in bytes: UnsafeRawBufferPointer) -> Double {
        let source = source(in: bytes)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: source.count + 1) { text in
            for index in source.indices { text[index] = CChar(bitPattern: source[index]) }
            text[source.count] = 0
            guard let start = text.baseAddress else { return .nan }
            return strtod(start, nil)
        }
    }

    private static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return memcmp(first, second, left.count) == 0
    }

    /// The parser has seen that every escape is one, and that surrogates come in pairs.
    private static func unescaped(_ source: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            guard source[index] == UInt8(ascii: "\\") else {
                text.append(source[index])
                index += 1
                continue
            }
            let escape = source[index + 1]
            index += 2
            guard escape == UInt8(ascii: "u") else {
                text.append(character(of: escape))
                continue
            }
            var value = codeUnit(source, at: index)
            index += 4
            if 0xD800...0xDBFF ~= value {
                value = 0x10000 + (value - 0xD800) << 10 + codeUnit(source, at: index + 2) - 0xDC00
                index += 6
            }
            if let scalar = Unicode.Scalar(value) { text.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
        }
        return text
    }

    private static func codeUnit(_ source: UnsafeRawBufferPointer, at index: Int) -> UInt32 {
        source[index..<index + 4].reduce(0) { $0 << 4 | UInt32($1.hexDigit ?? 0) }
    }

    private static func character(of escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: escape
        }
    }
}

extension UInt8 {
    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    /// What it is worth as a hexadecimal digit.
    var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
