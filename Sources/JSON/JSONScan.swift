/// What is looked at before Jansson reads a text, because Jansson would let it pass: its own depth limit is 2048, and
/// a raw NUL after a number is lost in its look-ahead.
///
/// The scan knows no grammar but strings and brackets. That is enough: up to the first mistake in a text it agrees with
/// Jansson about where strings begin and end, and behind the first mistake nothing is read.
struct JSONScan {
    let bytes: UnsafeRawBufferPointer
    let depthMax: Int

    func check() throws(JSONError) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw JSONError(.byteOrderMark, byteOffset: 0)
        }
        try checkFirstByte()
        try checkDepth()
    }

    private func checkFirstByte() throws(JSONError) {
        guard let first = bytes.firstIndex(where: { !Self.isWhitespace($0) }) else {
            throw JSONError(.truncated, byteOffset: bytes.count)
        }
        guard bytes[first] != 0 else { throw JSONError(.nul, byteOffset: first) }
        guard bytes[first] == UInt8(ascii: "{") else { throw JSONError(.notAnObject, byteOffset: first) }
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
