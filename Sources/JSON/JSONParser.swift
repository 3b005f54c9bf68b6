/// Reads a JSON text (RFC 8259) in one pass, strictly, into a flat list of nodes.
///
/// Nothing is normalised and nothing is guessed at: see ``JSONObject`` for what is refused.
struct JSONParser {
    enum Root {
        case object
        case array
    }

    /// From so many members on, an object's names are found by their hash.
    private static let comparedNamesMax = 16
    /// So many digits, without an exponent, are below any double's limit.
    private static let safeDigitsMax = 300

    private struct Name: Hashable {
        let object: Int
        let bytes: [UInt8]
    }

    private let bytes: UnsafeRawBufferPointer
    private let depthMax: Int
    private let refusesDuplicates: Bool
    private(set) var nodes: [JSONNode] = []
    private var index = 0
    private var depth = 0
    /// The names of objects that have many.
    private var names: Set<Name> = []

    init(_ bytes: UnsafeRawBufferPointer, depthMax: Int, refusesDuplicates: Bool) {
        self.bytes = bytes
        self.depthMax = depthMax
        self.refusesDuplicates = refusesDuplicates
        nodes.reserveCapacity(16)
    }

    mutating func parse(_ root: Root) throws(JSONError) {
        try checkBeginning(root)
        try value()
        skipWhitespace()
        guard index < bytes.count else { return }
        throw unexpected(or: .trailingText)
    }

    /// The mistakes that have a name of their own at a text's beginning.
    private mutating func checkBeginning(_ root: Root) throws(JSONError) {
        skipWhitespace()
        guard index < bytes.count else { throw JSONError(.truncated, byteOffset: index) }
        switch (bytes[index], root) {
        case (UInt8(ascii: "{"), .object), (UInt8(ascii: "["), .array): return
        case (0, _): throw JSONError(.nul, byteOffset: index)
        case (0xEF, _) where bytes.starts(with: [0xEF, 0xBB, 0xBF]): throw JSONError(.byteOrderMark, byteOffset: 0)
        case (0x1F, _) where bytes.starts(with: [0x1F, 0x8B]): throw JSONError(.compressed, byteOffset: 0)
        case _ where isComment: throw JSONError(.comment, byteOffset: index)
        case (_, .object): throw JSONError(.notAnObject, byteOffset: index)
        case (_, .array): throw JSONError(.notAnArray, byteOffset: index)
        }
    }

    // MARK: Values

    /// Reads the value that begins at the next byte that is no white space.
    private mutating func value() throws(JSONError) {
        skipWhitespace()
        guard index < bytes.count else { throw truncated }
        switch bytes[index] {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        default: throw unexpected(or: .malformed)
        }
    }

    private mutating func object() throws(JSONError) {
        let node = try open(.object)
        if try closes(with: UInt8(ascii: "}")) { return close(node) }
        while true {
            skipWhitespace()
            guard index < bytes.count else { throw truncated }
            guard bytes[index] == UInt8(ascii: "\"") else { throw unexpected(or: .malformed) }
            try name(of: node)
            try take(UInt8(ascii: ":"))
            try value()
            if try closes(with: UInt8(ascii: "}")) { return close(node) }
            try take(UInt8(ascii: ","))
        }
    }

    private mutating func array() throws(JSONError) {
        let node = try open(.array)
        if try closes(with: UInt8(ascii: "]")) { return close(node) }
        while true {
            try value()
            nodes[node].count += 1
            if try closes(with: UInt8(ascii: "]")) { return close(node) }
            try take(UInt8(ascii: ","))
        }
    }

    private mutating func name(of object: Int) throws(JSONError) {
        let name = nodes.count
        try string()
        nodes[object].count += 1
        guard refusesDuplicates else { return }
        guard nodes[object].count > Self.comparedNamesMax else {
            var other = object + 1
            while other < name {
                if nodes[other].hasSameText(as: nodes[name], in: bytes) { throw duplicate }
                other = nodes[other + 1].next
            }
            return
        }
        if nodes[object].count == Self.comparedNamesMax + 1 {
            var other = object + 1
            while other < name {
                names.insert(Name(object: object, bytes: nodes[other].text(in: bytes)))
                other = nodes[other + 1].next
            }
        }
        guard names.insert(Name(object: object, bytes: nodes[name].text(in: bytes))).inserted else { throw duplicate }
    }

    private mutating func open(_ kind: JSONNode.Kind) throws(JSONError) -> Int {
        depth += 1
        guard depth <= depthMax else { throw JSONError(.tooDeep, byteOffset: index) }
        index += 1
        nodes.append(JSONNode(kind, index..<index))
        return nodes.count - 1
    }

    private mutating func close(_ node: Int) {
        depth -= 1
        nodes[node].next = nodes.count
    }

    private mutating func append(_ kind: JSONNode.Kind, _ range: Range<Int>) {
        nodes.append(JSONNode(kind, range))
        nodes[nodes.count - 1].next = nodes.count
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) {
        index += 1
        let start = index
        var kind = JSONNode.Kind.string
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                append(kind, start..<index)
                index += 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                kind = .escapedString
                try escape()
            } else if byte >= 0x80 {
                try multibyte()
            } else if byte >= 0x20 {
                index += 1
            } else {
                throw malformedString
            }
        }
        throw truncated
    }

    private mutating func escape() throws(JSONError) {
        index += 1
        guard index < bytes.count else { throw truncated }
        switch bytes[index] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 1
        case UInt8(ascii: "u"):
            index += 1
            try codeUnits()
        default: throw malformedString
        }
    }

    /// One UTF-16 code unit in hexadecimal, or the two of a surrogate pair.
    private mutating func codeUnits() throws(JSONError) {
        switch try codeUnit() {
        case 0: throw JSONError(.nul, byteOffset: index)
        case 0xD800...0xDBFF:
            guard index < bytes.count else { throw truncated }
            guard bytes[index] == UInt8(ascii: "\\") else { throw loneSurrogate }
            index += 1
            guard index < bytes.count else { throw truncated }
            guard bytes[index] == UInt8(ascii: "u") else { throw loneSurrogate }
            index += 1
            guard 0xDC00...0xDFFF ~= (try codeUnit()) else { throw loneSurrogate }
        case 0xDC00...0xDFFF: throw loneSurrogate
        default: return
        }
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard index < bytes.count else { throw truncated }
            guard let digit = bytes[index].hexDigit else { throw malformedString }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    /// A character of two bytes or more (RFC 3629, section 4).
    private mutating func multibyte() throws(JSONError) {
        let second: ClosedRange<UInt8>
        let count: Int
        switch bytes[index] {
        case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: throw JSONError(.invalidUTF8, byteOffset: index)
        }
        for place in 1..<count {
            let allowed = place == 1 ? second : 0x80...0xBF
            guard index + place < bytes.count, allowed.contains(bytes[index + place]) else {
                throw JSONError(.invalidUTF8, byteOffset: index)
            }
        }
        index += count
    }

    // MARK: Numbers and literals

    private mutating func number() throws(JSONError) {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "0") {
            index += 1
        } else {
            try digits()
        }
        var isSafe = true
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try digits()
            isSafe = false
        }
        append(.number, start..<index)
        if isSafe, index - start <= Self.safeDigitsMax { return }
        guard nodes[nodes.count - 1].number(in: bytes).isFinite else {
            throw JSONError(.numberOutOfRange, byteOffset: index)
        }
    }

    private mutating func digits() throws(JSONError) {
        let start = index
        while index < bytes.count, bytes[index].isDigit { index += 1 }
        guard index == start else { return }
        guard index < bytes.count else { throw truncated }
        throw unexpected(or: .malformed)
    }

    private mutating func literal(_ text: StaticString, _ kind: JSONNode.Kind) throws(JSONError) {
        for place in 0..<text.utf8CodeUnitCount {
            guard index + place < bytes.count else { throw JSONError(.truncated, byteOffset: bytes.count) }
            guard bytes[index + place] == text.utf8Start[place] else {
                index += place
                throw unexpected(or: .malformed)
            }
        }
        append(kind, index..<index)
        index += text.utf8CodeUnitCount
    }

    // MARK: What stands between

    private mutating func skipWhitespace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// Takes the closing bracket if it is what comes next.
    private mutating func closes(with bracket: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        guard index < bytes.count else { throw truncated }
        guard bytes[index] == bracket else { return false }
        index += 1
        return true
    }

    private mutating func take(_ byte: UInt8) throws(JSONError) {
        skipWhitespace()
        guard index < bytes.count else { throw truncated }
        guard bytes[index] == byte else { throw unexpected(or: .malformed) }
        index += 1
    }

    // MARK: Faults

    private var truncated: JSONError { JSONError(.truncated, byteOffset: bytes.count) }
    private var loneSurrogate: JSONError { JSONError(.loneSurrogate, byteOffset: index) }
    private var duplicate: JSONError { JSONError(.duplicateMember, byteOffset: index) }

    /// Where a string cannot go on like this.
    private var malformedString: JSONError {
        bytes[index] == 0 ? JSONError(.nul, byteOffset: index) : JSONError(.malformed, byteOffset: index + 1)
    }

    private var isComment: Bool {
        guard bytes[index] == UInt8(ascii: "/"), index + 1 < bytes.count else { return false }
        return bytes[index + 1] == UInt8(ascii: "/") || bytes[index + 1] == UInt8(ascii: "*")
    }

    /// What is wrong where the next byte cannot stand.
    private func unexpected(or fault: JSONError.Fault) -> JSONError {
        if bytes[index] == 0 { return JSONError(.nul, byteOffset: index) }
        if isComment { return JSONError(.comment, byteOffset: index) }
        return JSONError(fault, byteOffset: index + 1)
    }
}
