/// What headers are compared and cut by, without a detour over strings.
extension ArraySlice<UInt8> {
    /// Without the spaces and tabs around it.
    var trimmingSpaces: ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let last = lastIndex(where: { !isSpace($0) }) else { return [] }
        return self[...last].drop(while: isSpace)
    }

    /// Whether it reads `text`, which is in lower case, in any mixture of cases.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) { left, right in
            left.asciiLowercased == right
        }
    }
}

extension UInt8 {
    /// Whether a header's name may have it (RFC 9110, section 5.6.2).
    var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "^")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.|~".utf8.contains(self)
        }
    }

    var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
