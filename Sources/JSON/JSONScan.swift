/// What is looked at before Jansson reads a text, because Jansson would let it pass: its own depth limit is 2048, and
/// a raw NUL after a number is lost in its look-ahead.
///
/// The scan knows no grammar but strings and brackets. That is enough: up to the first mistake in a text it agrees with
/// Jansson about where strings begin and end, and behind the first mistake nothing is read.
struct JSONScan {
    /// What a text is to be.
    enum Kind {
        case object
        case array
    }

    let bytes: UnsafeRawBufferPointer
    let depthMax: Int

    func check(for kind: Kind) throws(JSONError) {
        try checkFirstByte(for: kind)
        try checkDepth()
    }

    private func checkFirstByte(for kind: Kind) throws(JSONError) {
        guard let first = bytes.firstIndex(where: { !Self.isWhitespace($0) }) else {
            throw JSONError(.truncated, byteOffset: bytes.count)
        }
        switch (bytes[first], kind) {
        case (UInt8(ascii: "{"), .object), (UInt8(ascii: "["), .array): return
        case (0, _): throw JSONError(.nul, byteOffset: first)
        case (0xEF, _) where bytes.starts(with: [0xEF, 0xBB, 0xBF]): throw JSONError(.byteOrderMark, byteOffset: 0)
        case (0x1F, _) where bytes.starts(with: [0x1F, 0x8B]): throw JSONError(.compressed, byteOffset: 0)
        case _ where isComment(at: first): throw JSONError(.comment, byteOffset: first)
        case (_, .object): throw JSONError(.notAnObject, byteOffset: first)
        case (_, .array): throw JSONError(.notAnArray, byteOffset: first)
        }
    }

    /// Where the first comment begins that Jansson had reached with `bytesRead` bytes, if there is one: outside of strings
    /// a slash is a mistake wherever it stands.
    func comment(before bytesRead: Int) -> Int? {
        var inString = false
        var index = 0
        while index < min(bytesRead, bytes.count) {
            switch bytes[index] {
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "\\") where inString: index += 1
            case UInt8(ascii: "/") where !inString: return isComment(at: index) ? index : nil
            default: break
            }
            index += 1
        }
        return nil
    }

    private func isComment(at index: Int) -> Bool {
        guard bytes[index] == UInt8(ascii: "/"), index + 1 < bytes.count else { return false }
        return bytes[index + 1] == UInt8(ascii: "/") || bytes[index + 1] == UInt8(ascii: "*")
    }

    private func checkDepth() throws(JSONError) {
        var depth = 0
        var inString = false
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0:
                throw JSONError(.nul, byteOffset: index)
            case UInt8(ascii: "\""):
                inString.toggle()
            case UInt8(ascii: "\\") where inString && index + 1 < bytes.count && bytes[index + 1] != 0:
                // The escaped byte is passed over, be it a quotation mark or another backslash.
                index += 1
            case UInt8(ascii: "{") where !inString, UInt8(ascii: "[") where !inString:
                depth += 1
                guard depth <= depthMax else { throw JSONError(.tooDeep, byteOffset: index) }
            case UInt8(ascii: "}") where !inString, UInt8(ascii: "]") where !inString:
                depth -= 1
            default:
                break
            }
            index += 1
        }
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
